use buttress::store::{Memory, Store};

struct Failure;

async fn place(store: &Store) -> Result<(), Failure> {
    store.transaction(async |_tx| Ok(())).await
}

fn main() {
    let _ = place(&Store::from(Memory::new(0)));
}
