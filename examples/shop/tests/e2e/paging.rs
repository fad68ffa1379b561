//! "Every order that stood throughout is seen exactly once." "A damaged cursor, or one of another filter or sort, is
//! a 422."

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::Value;

use crate::support::{Shop, Start, delete, get, post, rounds};

const SORTS: [&str; 4] = ["createdAt", "-createdAt", "total", "-total"];

fn ids(orders: &[Value]) -> HashMap<String, usize> {
    let mut seen = HashMap::new();
    for order in orders {
        *seen.entry(format!("/v1/orders/{}", order["id"].as_str().unwrap())).or_default() += 1;
    }
    seen
}

#[test]
fn pages_of_any_size_have_no_seams() {
    let shop = Shop::start();
    shop.stocked("MANY-1", 1, 1_000);
    // Many with the same total, and several with the same millisecond.
    let placed: Vec<_> = (0..23).map(|i| shop.ordered("ann", "MANY-1", i % 3 + 1)).collect();
    for sort in SORTS {
        let whole = shop.all(&format!("/v1/orders?sort={sort}&limit=100"));
        assert_eq!(whole.len(), placed.len());
        for limit in [1, 2, 7, 22, 23, 24] {
            assert_eq!(shop.all(&format!("/v1/orders?sort={sort}&limit={limit}")), whole, "{sort} {limit}");
        }
    }
}

#[test]
fn the_last_page_has_no_cursor() {
    let shop = Shop::start();
    (0..4).for_each(|_| drop(shop.ordered("ann", "MUG-001", 1)));
    let page = shop.json("/v1/orders?limit=2");
    assert!(page["next"].is_string());
    let last = shop.json(&format!("/v1/orders?limit=2&cursor={}", page["next"].as_str().unwrap()));
    assert_eq!((last["items"].as_array().unwrap().len(), &last["next"]), (2, &Value::Null));
}

#[test]
fn who_pages_while_others_write_sees_what_stood_throughout_exactly_once() {
    let shop = Shop::start();
    shop.stocked("MANY-1", 1, 1_000_000);
    let standing: Vec<_> = (0..30).map(|i| shop.ordered("stays", "MANY-1", i % 4 + 1)).collect();
    let mut passing: VecDeque<_> = (0..30).map(|i| shop.ordered("goes", "MANY-1", i % 4 + 1)).collect();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let (shop, done) = (&shop, &done);
        let _stops = Stops(done);
        scope.spawn(move || {
            for i in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                passing.push_back(shop.ordered("comes", "MANY-1", i % 4 + 1));
                shop.send(&delete(passing.pop_front().unwrap())).expect(204);
            }
        });
        for round in 0..rounds(3) {
            for sort in SORTS {
                let seen = ids(&shop.all(&format!("/v1/orders?sort={sort}&limit={}", 3 + round % 5)));
                assert!(seen.values().all(|times| *times == 1), "{sort}: one was seen twice");
                assert!(standing.iter().all(|path| seen.contains_key(path)), "{sort}: one was missed");
            }
        }
    });
}

/// Tells a thread to stop, even if the test has failed meanwhile.
struct Stops<'a>(&'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_page_goes_on_where_its_last_order_stood_although_that_is_deleted() {
    let shop = Shop::start();
    let placed: Vec<_> = (0..4).map(|_| shop.ordered("ann", "MUG-001", 1)).collect();
    let page = shop.json("/v1/orders?sort=createdAt&limit=2");
    shop.send(&delete(&placed[1])).expect(204);
    let next = shop.json(&format!("/v1/orders?sort=createdAt&limit=2&cursor={}", page["next"].as_str().unwrap()));
    let seen: Vec<_> =
        next["items"].as_array().unwrap().iter().map(|o| format!("/v1/orders/{}", o["id"].as_str().unwrap())).collect();
    assert_eq!(seen, placed[2..]);
}

fn cursor(shop: &Shop, query: &str) -> String {
    shop.json(&format!("/v1/orders?limit=1{query}"))["next"].as_str().unwrap().to_owned()
}

#[track_caller]
fn is_refused(shop: &Shop, target: &str) {
    let answer = shop.send(&get(target)).expect(422);
    assert_eq!(answer.problem().code, "invalid-input");
    assert_eq!(answer.json()["errors"][0]["parameter"], "cursor", "{target}");
}

#[test]
fn a_damaged_cursor_is_a_422() {
    let shop = Shop::start();
    (0..3).for_each(|_| drop(shop.ordered("ann", "MUG-001", 1)));
    let cursor = cursor(&shop, "");
    shop.send(&get(format!("/v1/orders?cursor={cursor}"))).expect(200);
    for i in 0..cursor.len() {
        let mut damaged = cursor.clone().into_bytes();
        damaged[i] = if damaged[i] == b'A' { b'B' } else { b'A' };
        is_refused(&shop, &format!("/v1/orders?cursor={}", String::from_utf8(damaged).unwrap()));
        is_refused(&shop, &format!("/v1/orders?cursor={}", &cursor[..i]));
    }
    for other in
        ["", "x", "%00", "null", "0", "=", "A%3D%3D", &format!("{cursor}A"), &format!("{cursor}="), &"A".repeat(9000)]
    {
        is_refused(&shop, &format!("/v1/orders?cursor={other}"));
    }
}

#[test]
fn a_cursor_of_another_filter_or_sort_is_a_422() {
    let shop = Shop::start();
    (0..3).for_each(|_| drop(shop.ordered("ann", "MUG-001", 1)));
    let queries = [
        "",
        "&sort=createdAt",
        "&sort=total",
        "&sort=-total",
        "&customer=ann",
        "&status=placed",
        "&customer=ann&status=placed",
        "&customer=ann&sort=total",
    ];
    for made in queries {
        let cursor = cursor(&shop, made);
        for used in queries {
            let target = format!("/v1/orders?limit=1{used}&cursor={cursor}");
            if made == used {
                shop.send(&get(target)).expect(200);
            } else {
                is_refused(&shop, &target);
            }
        }
    }
    // The same filter may be written differently, and a page may have another size.
    let cursor = cursor(&shop, "&customer=ann");
    shop.send(&get(format!("/v1/orders?cursor={cursor}&sort=-createdAt&customer=%61nn&limit=50"))).expect(200);
}

#[test]
fn cursors_outlive_the_process_where_their_keys_do() {
    let keys = |shop: Start, keys: &str| shop.set("SHOP_CURSOR_KEYS", keys).run();
    let old = "old:0123456789abcdef0123456789abcdef";
    let new = "new:fedcba9876543210fedcba9876543210";
    let shop = keys(Start::new(), old);
    (0..3).for_each(|_| drop(shop.ordered("ann", "MUG-001", 1)));
    let cursor = cursor(&shop, "");
    // The first key signs; all keys verify.
    let rotated = keys(shop.beside(), &format!("{new},{old}"));
    rotated.send(&get(format!("/v1/orders?cursor={cursor}"))).expect(200);
    let signed_by_new = self::cursor(&rotated, "");
    is_refused(&shop, &format!("/v1/orders?cursor={signed_by_new}"));
    let forgotten = keys(shop.beside(), new);
    is_refused(&forgotten, &format!("/v1/orders?cursor={cursor}"));
    forgotten.send(&get(format!("/v1/orders?cursor={signed_by_new}"))).expect(200);
}

#[test]
fn an_order_that_is_cancelled_on_the_way_is_still_seen_once() {
    let shop = Shop::start();
    let placed: Vec<_> = (0..6).map(|_| shop.ordered("ann", "MUG-001", 1)).collect();
    let page = shop.json("/v1/orders?sort=total&limit=3");
    for path in &placed {
        shop.send(&post(format!("{path}/cancel"))).expect(200);
    }
    let rest = shop.json(&format!("/v1/orders?sort=total&limit=3&cursor={}", page["next"].as_str().unwrap()));
    let all = [page["items"].as_array().unwrap().clone(), rest["items"].as_array().unwrap().clone()].concat();
    assert_eq!(ids(&all).len(), 6);
}
