use buttress::store::{Error, Memory, Store};

async fn place(store: &Store) -> Result<i32, Error> {
    store.transaction(|_tx| Ok(1)).await
}

fn main() {
    let _ = place(&Store::from(Memory::new(0)));
}
