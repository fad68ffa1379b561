use buttress::store::{Error, Memory, Store};

struct Order;

async fn place(store: &Store, order: Order) -> Result<(), Error> {
    store
        .transaction(async move |_tx| {
            drop(order);
            Ok(())
        })
        .await
}

fn main() {
    let _ = place(&Store::from(Memory::new(0)), Order);
}
