//! On SQLite: a database whose files can no longer grow.

use crate::support::{Start, get};

#[test]
fn a_disk_that_is_full_refuses_orders_and_loses_none() {
    // In blocks of 512 bytes. Without the trap, the signal would end the shop; the error must not.
    let shop = Start::on_sqlite().under("trap '' XFSZ; ulimit -f 600").run();
    shop.stocked("MANY-1", 1, 1_000_000);
    let mut placed = Vec::new();
    let refused = loop {
        let answer = shop.order("ann", "MANY-1", 1);
        if answer.status != 201 {
            break answer;
        }
        placed.push(answer.header("location").unwrap().to_owned());
        assert!(placed.len() < 10_000, "the disk is never full");
    };
    assert!([500, 503].contains(&refused.status), "{}", refused.text());
    // The shop goes on reading, and on refusing orders.
    for path in [&placed[0], &placed[placed.len() - 1]] {
        shop.send(&get(path)).expect(200);
    }
    assert!(shop.order("ann", "MANY-1", 1).status >= 500);

    let next = shop.beside();
    drop(shop);
    let again = next.run();
    let orders = again.all("/v1/orders?customer=ann&limit=100").len();
    assert_eq!((orders, again.stock("MANY-1")), (placed.len(), 1_000_000 - i64::try_from(orders).unwrap()));
    again.order("ann", "MANY-1", 1).expect(201);
}
