use std::cell::Cell;

use buttress::store::{Error, Memory, Session, Store};

async fn insert(_tx: &mut Session) -> Result<(), Error> {
    Ok(())
}

async fn place(store: &Store) -> Result<i32, Error> {
    store
        .transaction(async |tx| {
            let count = Cell::new(0);
            let shared = &count;
            insert(tx).await?;
            shared.set(1);
            Ok(count.get())
        })
        .await
}

fn main() {
    let _ = place(&Store::from(Memory::new(0)));
}
