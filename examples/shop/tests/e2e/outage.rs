//! "A restart of the database server in the middle of load gives clean 503s and then recovers by itself."

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Answer, Shop, Start, get, wait_until};

/// A database server of the test's own, which it may kill.
struct Server {
    directory: PathBuf,
    kind: &'static str,
}

impl Server {
    fn start(kind: &'static str) -> (Self, String) {
        let name = format!("outage-{kind}-{}", std::process::id());
        let server = Self { directory: std::env::temp_dir().join(name), kind };
        let url = server.start_again();
        (server, url)
    }

    fn start_again(&self) -> String {
        self.script(&["start", self.kind])
    }

    fn kill(&self) {
        self.script(&["kill"]);
    }

    fn script(&self, words: &[&str]) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/server");
        let output = Command::new(script).args(words).arg(&self.directory).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/server"))
            .arg("kill")
            .arg(&self.directory)
            .output();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Orders and reads until it is told to stop. Every response is the requested one, or a 503 that says when to retry;
/// returns how many orders were placed.
fn load(shop: &Shop, stop: &AtomicBool) -> i64 {
    let mut placed = 0;
    while !stop.load(Ordering::Relaxed) {
        let answer = shop.order("ann", "MANY-1", 1);
        match answer.status {
            201 => placed += 1,
            503 => clean(&answer),
            // The commit was cut off: its outcome is unknown, and the client is told that it is not at fault.
            500 => {}
            other => panic!("{other}: {}", answer.text()),
        }
        let read = shop.send(&get("/v1/products/MANY-1"));
        if read.status != 200 {
            clean(&read);
        }
    }
    placed
}

#[track_caller]
fn clean(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.header("retry-after").is_some(), "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
}

fn a_restart_in_the_middle_of_load(kind: &'static str) {
    let (server, url) = Server::start(kind);
    let shop = Start::on(Some(url)).run();
    shop.stocked("MANY-1", 1, 1_000_000);
    let stop = AtomicBool::new(false);
    let placed: i64 = std::thread::scope(|scope| {
        let loads: Vec<_> = (0..4).map(|_| scope.spawn(|| load(&shop, &stop))).collect();
        wait_until(|| (shop.stock("MANY-1") < 999_990).then_some(()));
        server.kill();
        let refused = wait_until(|| Some(shop.send(&get("/v1/products/MANY-1"))).filter(|answer| answer.status != 200));
        clean(&refused);
        server.start_again();
        wait_until(|| (shop.send(&get("/v1/products/MANY-1")).status == 200).then_some(()));
        let before = shop.stock("MANY-1");
        wait_until(|| (shop.stock("MANY-1") < before - 10).then_some(()));
        stop.store(true, Ordering::Relaxed);
        loads.into_iter().map(|load| load.join().unwrap()).sum()
    });
    // Every order that was answered exists, and stock and orders agree.
    let all = shop.all("/v1/orders?customer=ann&limit=100");
    let orders = i64::try_from(all.len()).unwrap();
    assert_eq!(1_000_000 - shop.stock("MANY-1"), orders);
    assert!(orders >= placed, "{orders} orders are there and {placed} were answered");
    // Other systems are told of exactly these orders, of some perhaps twice.
    let outbox = shop.outbox();
    wait_until(|| outbox.waiting().is_empty().then_some(()));
    let expected: BTreeSet<_> =
        all.iter().map(|order| format!("order-placed {}", order["id"].as_str().unwrap())).collect();
    let told = wait_until(|| Some(BTreeSet::from_iter(shop.told())).filter(|told| told.len() >= expected.len()));
    assert_eq!(told, expected);
}

#[test]
fn postgres_restarts() {
    a_restart_in_the_middle_of_load("postgres");
}

#[test]
fn mariadb_restarts() {
    a_restart_in_the_middle_of_load("mariadb");
}
