use buttress::store::{Memory, Store};

async fn place(store: &Store) {
    let _ = store.transaction(async |_tx| 1).await;
}

fn main() {
    let _ = place(&Store::from(Memory::new(0)));
}
