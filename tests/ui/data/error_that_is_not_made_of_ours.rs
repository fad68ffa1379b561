use buttress::data::{Memory, Store};

async fn place(store: &Store) -> Result<(), String> {
    store.transaction(async |_tx| Ok(())).await
}

fn main() {
    let _ = place(&Store::from(Memory::new(0)));
}
