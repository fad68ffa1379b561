//! The number of queries in the log line of a request.

use serde_json::{Value, json};

use crate::support::{Answer, Shop, get, post, wait_until};

/// How many queries the request sent, according to the log line with its id.
fn queries(shop: &Shop, answer: &Answer) -> u64 {
    let id = format!("request_id={} ", answer.header("x-request-id").unwrap());
    let line = wait_until(|| {
        let finished = |line: &&str| line.contains(&id) && line.contains("request finished");
        shop.printed().lines().find(finished).map(str::to_owned)
    });
    let (_, count) = line.split_once("db.queries=").unwrap_or_else(|| panic!("no count: {line}"));
    count.split(' ').next().unwrap().parse().unwrap()
}

fn place(shop: &Shop, lines: impl IntoIterator<Item = Value>) -> Answer {
    let body = json!({"customer": "ann", "lines": Vec::from_iter(lines)});
    shop.send(&post("/v1/orders").json(&body)).expect(201)
}

#[test]
fn each_request_says_how_many_queries_it_took() {
    let shop = Shop::start();
    // The orders, and their lines.
    let list = get("/v1/orders?limit=100");
    assert_eq!(queries(&shop, &shop.send(&list)), 1);
    let placed = shop.order("ann", "MUG-001", 1).expect(201);
    assert_eq!(queries(&shop, &shop.send(&get(placed.header("location").unwrap()))), 2);
    shop.ordered("ann", "MUG-001", 1);
    assert_eq!(queries(&shop, &shop.send(&list)), 2);
    // The request is refused before the database is asked.
    assert_eq!(queries(&shop, &shop.order("", "MUG-001", 1)), 0);
}

#[test]
fn an_order_takes_no_more_queries_for_more_lines_and_one_for_each_further_product() {
    let shop = Shop::start();
    let skus: Vec<_> = (0..50).map(|i| format!("MANY-{i}")).collect();
    for sku in &skus {
        shop.stocked(sku, 1, 100);
    }
    let line = |sku: &str| json!({"sku": sku, "quantity": 1});
    // The products, their stock, the order, its lines, and an event with its number.
    assert_eq!(queries(&shop, &place(&shop, [line("MANY-0")])), 6);
    assert_eq!(queries(&shop, &place(&shop, (0..50).map(|_| line("MANY-0")))), 6);
    assert_eq!(queries(&shop, &place(&shop, skus.iter().map(|sku| line(sku)))), 6 + 49);
    assert!(!shop.printed().contains("was sent many times"), "{}", shop.printed());
}
