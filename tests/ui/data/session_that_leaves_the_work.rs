use buttress::store::{Error, Memory, Session, Store};

async fn place(store: &Store) -> Result<(), Error> {
    let mut kept: Option<&mut Session> = None;
    store
        .transaction_once(async |tx| {
            kept = Some(tx);
            Ok(())
        })
        .await
}

fn main() {
    let _ = place(&Store::from(Memory::new(0)));
}
