use std::rc::Rc;

use buttress::store::{Error, Memory, Store};

async fn place(store: &Store, order: Rc<str>) -> Result<usize, Error> {
    store.transaction(async |_tx| Ok(order.len())).await
}

fn main() {
    let _ = place(&Store::from(Memory::new(0)), Rc::from("an order"));
}
