//! "A wrong setting stops the start with all mistakes named and no secret printed."

use serde_json::json;

use crate::support::{Start, get, post};

#[test]
fn all_mistakes_are_named_at_once_and_no_value_is_printed() {
    let start = Start::new()
        .set("SHOP_ADDR", "MARKER-addr")
        .set("SHOP_DATABASE_URL", "oracle://user:MARKER-password@db/shop")
        .set("SHOP_ADMIN_TOKEN", "MARKER token")
        .set("SHOP_CURSOR_KEYS", "MARKER-key");
    let (status, printed) = start.fail();
    assert!(!status.success());
    for name in ["SHOP_ADDR", "SHOP_DATABASE_URL", "SHOP_ADMIN_TOKEN", "SHOP_CURSOR_KEYS"] {
        assert!(printed.contains(name), "{name} is not named: {printed}");
    }
    assert!(!printed.contains("MARKER") && !printed.contains("panicked"), "{printed}");
}

#[test]
fn each_setting_is_checked() {
    let wrong: [(&str, &[&str]); 4] = [
        ("SHOP_ADDR", &["", "3000", "localhost", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:x"]),
        (
            "SHOP_DATABASE_URL",
            &[
                "",
                "shop.db",
                "postgres://u:secret@h:port/d",
                "mysql://u:secret@h:port/d",
                "mongodb://h",
                "sqlite:x?mode=zz",
                "sqlite://",
                "sqlite://?mode=rwc",
            ],
        ),
        ("SHOP_ADMIN_TOKEN", &["", " ", "two words", "é", "=", "a\"b"]),
        (
            "SHOP_CURSOR_KEYS",
            &[
                "",
                ",",
                "a",
                "a:",
                "a:secret",
                ":0123456789abcdef0123456789abcdef",
                "a:0123456789abcdef0123456789abcdef,a:fedcba9876543210fedcba9876543210",
            ],
        ),
    ];
    for (name, values) in wrong {
        for value in values {
            let (status, printed) = Start::new().set(name, value).fail();
            assert!(!status.success(), "{name}={value} was taken");
            assert!(printed.contains(name) && !printed.contains("secret"), "{name}={value}: {printed}");
        }
    }
}

#[test]
fn a_setting_that_is_no_text_is_a_mistake() {
    use std::os::unix::ffi::OsStrExt;
    let (status, printed) = Start::new().set("SHOP_ADMIN_TOKEN", std::ffi::OsStr::from_bytes(b"a\xff")).fail();
    assert!(!status.success() && printed.contains("SHOP_ADMIN_TOKEN"), "{printed}");
}

#[test]
fn a_database_that_cannot_be_opened_stops_the_start() {
    let (status, printed) = Start::new().set("SHOP_DATABASE_URL", "sqlite:/no/such/directory/shop.db").fail();
    assert!(!status.success() && !printed.contains("listening"), "{printed}");
}

#[test]
fn a_port_that_is_taken_stops_the_start() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (status, printed) = Start::new().set("SHOP_ADDR", taken.local_addr().unwrap().to_string()).fail();
    assert!(!status.success() && printed.contains("SHOP_ADDR"), "{printed}");
}

#[test]
fn without_a_token_one_is_made_and_printed() {
    let shop = Start::new().unset("SHOP_ADMIN_TOKEN").run();
    let printed = shop.printed();
    let line = printed.lines().find(|line| line.contains("admin token")).expect("no token was printed");
    let token = line.rsplit(' ').next().unwrap();
    assert!(token.len() >= 32, "{line}");
    let product = post("/v1/products").json(&json!({"sku": "NEW-1", "name": "New", "unitPrice": 1, "stock": 1}));
    shop.send(&product.clone().header("authorization", format!("Bearer {token}"))).expect(201);
    let other = Start::new().unset("SHOP_ADMIN_TOKEN").run();
    assert!(!other.printed().contains(token));
}

#[test]
fn a_token_that_is_set_is_not_printed() {
    let shop = Start::new()
        .set("SHOP_ADMIN_TOKEN", "MARKER-token")
        .set("SHOP_CURSOR_KEYS", "k:MARKER-0123456789abcdef0123456789abcdef")
        .run();
    shop.send(&post("/v1/products").header("authorization", "Bearer MARKER-token").raw_json("{")).expect(400);
    assert!(!shop.printed().contains("MARKER"));
}

#[test]
fn without_cursor_keys_a_warning_says_that_cursors_end_with_the_process() {
    let warned = |shop: &crate::support::Shop| {
        shop.printed().lines().any(|line| line.contains("WARN") && line.contains("cursors"))
    };
    let shop = Start::new().run();
    assert!(warned(&shop), "{}", shop.printed());
    let keyed = Start::new().set("SHOP_CURSOR_KEYS", "k:0123456789abcdef0123456789abcdef").run();
    assert!(!warned(&keyed));
}

#[test]
fn short_cursor_keys_are_taken_with_a_warning() {
    let shop = Start::new().set("SHOP_CURSOR_KEYS", "k:MARKER78,old:0123456789abcdef0123456789abcdef").run();
    let printed = shop.printed();
    assert!(printed.lines().any(|line| line.contains("WARN") && line.contains("SHOP_CURSOR_KEYS")), "{printed}");
    assert!(!printed.contains("MARKER"), "{printed}");
}

#[test]
fn the_database_is_where_its_url_says_and_by_default_here() {
    let shop = Start::on_sqlite().run();
    assert!(shop.directory().join("shop.db").exists());
    let elsewhere = Start::new().set("SHOP_DATABASE_URL", "sqlite:elsewhere.db").run();
    elsewhere.ordered("ann", "MUG-001", 1);
    assert!(elsewhere.directory().join("elsewhere.db").exists());
    let in_memory = Start::new().set("SHOP_DATABASE_URL", "sqlite::memory:").run();
    in_memory.ordered("ann", "MUG-001", 1);
    in_memory.send(&get("/v1/orders")).expect(200);
    assert!(!in_memory.directory().join("shop.db").exists());
}
