use buttress::data::{Error, Memory, Store};

async fn count(store: &Store) -> Result<i32, Error> {
    let mut attempts = 0;
    store
        .transaction(async |_tx| {
            attempts += 1;
            Ok(attempts)
        })
        .await
}

fn main() {
    let _ = count(&Store::from(Memory::new(0)));
}
