//! The result of `#[derive(Problem)]` for an error.

use std::time::Duration;

use buttress::Problem;
use buttress::problem::{Allow, Challenge, IntoProblem};
use buttress::violation::{At, Violation, Violations};
use http::Method;
use serde_json::{Value, json};

#[derive(Debug, Clone, thiserror::Error, Problem)]
#[problem(type_base = "https://shop.example/problems/")]
enum ShopError {
    #[error("internal words: {sku} has {left}")]
    #[problem(status = 409, detail = "only {left} left")]
    OutOfStock {
        #[problem(member)]
        sku: String,
        #[problem(member = "unitsLeft")]
        left: u32,
    },
    #[error("{0} and {{{1:?}}}")]
    #[problem(
        status = 404,
        code = "no-such-order",
        title = "There is no such order",
        detail = "order {0:?} {{{1:>3}}}"
    )]
    NotFound(String, u8),
    #[error("please come back")]
    #[problem(status = 429, detail)]
    Busy(#[problem(retry_after)] Duration),
}

fn document(problem: impl Into<Problem>) -> Value {
    serde_json::from_slice(&problem.into().render()).unwrap()
}

#[test]
fn a_variant_becomes_its_problem() {
    let error = ShopError::OutOfStock { sku: "MUG-001".into(), left: 3 };
    let problem = Problem::from(error);
    assert_eq!(
        document(problem.clone()),
        json!({
            "type": "https://shop.example/problems/out-of-stock", "title": "Out of stock", "status": 409,
            "detail": "only 3 left", "code": "out-of-stock", "sku": "MUG-001", "unitsLeft": 3,
        })
    );
    assert!(matches!(problem.error(), Some(ShopError::OutOfStock { left: 3, .. })));
}

#[test]
fn positional_fields_escapes_and_formats_work_in_a_detail() {
    let problem = Problem::from(ShopError::NotFound("a\"b".into(), 7));
    assert_eq!(problem.detail(), Some("order \"a\\\"b\" {  7}"));
    assert_eq!((problem.code(), problem.kind().title()), ("no-such-order", "There is no such order"));
}

#[test]
fn display_is_shown_only_where_it_is_asked_for() {
    let busy = Problem::from(ShopError::Busy(Duration::from_millis(1_001)));
    assert_eq!(busy.detail(), Some("please come back"));
    assert_eq!(busy.headers()["retry-after"], "2");
    assert!(!document(ShopError::OutOfStock { sku: String::new(), left: 1 }).to_string().contains("internal words"));
}

#[derive(Debug, thiserror::Error, Problem)]
#[error("the token does not do")]
#[problem(status = 401, code = "bad-token", challenge = "Bearer")]
struct BadToken;

#[derive(Debug, thiserror::Error, Problem)]
enum Forbidden {
    #[error("401")]
    #[problem(status = 401)]
    Challenged(#[problem(challenge)] Challenge),
    #[error("405")]
    #[problem(status = 405)]
    Method(#[problem(allow)] Allow),
    #[error("405")]
    #[problem(status = 405, allow = "GET, HEAD")]
    Fixed,
    #[error("407")]
    #[problem(status = 407)]
    Proxy(#[problem(challenge)] Challenge),
    #[error("426")]
    #[problem(status = 426, upgrade = "HTTP/2.0")]
    Old,
    #[error("499")]
    #[problem(status = 499)]
    Unregistered,
}

#[test]
fn a_status_brings_the_header_that_http_demands() {
    let cases: [(Problem, u16, &str, &str); 6] = [
        (BadToken.into(), 401, "www-authenticate", "Bearer"),
        (Forbidden::Challenged(Challenge::new("Basic")).into(), 401, "www-authenticate", "Basic"),
        (Forbidden::Method(Allow::new(&[Method::PUT])).into(), 405, "allow", "PUT"),
        (Forbidden::Fixed.into(), 405, "allow", "GET, HEAD"),
        (Forbidden::Proxy(Challenge::new("Digest")).into(), 407, "proxy-authenticate", "Digest"),
        (Forbidden::Old.into(), 426, "upgrade", "HTTP/2.0"),
    ];
    for (problem, status, name, value) in cases {
        assert_eq!((problem.status().as_u16(), &problem.headers()[name]), (status, &value.parse().unwrap()));
        assert_eq!(problem.headers().len(), 1, "{name}");
    }
    assert_eq!(Problem::from(Forbidden::Unregistered).status(), 499);
}

#[derive(Debug, thiserror::Error, Problem)]
enum Service {
    #[error(transparent)]
    #[problem(transparent)]
    Shop(#[from] ShopError),
    #[error("boxed")]
    #[problem(transparent)]
    Token(Box<BadToken>),
    #[error("any")]
    #[problem(transparent)]
    Any(Problem),
    #[error("any, boxed")]
    #[problem(transparent)]
    Boxed(Box<Problem>),
    #[error("itself")]
    #[problem(transparent)]
    Nested(Box<Service>),
    #[error("the database is down")]
    #[problem(status = 500, detail = "host db-7")]
    Database(#[source] std::io::Error),
}

#[test]
fn a_wrapped_problem_shines_through() {
    let problem = Problem::from(Service::Nested(Box::new(Service::Shop(ShopError::NotFound("x".into(), 1)))));
    assert_eq!(problem.code(), "no-such-order");
    assert!(problem.error::<ShopError>().is_some());
    assert_eq!(Problem::from(Service::Token(Box::new(BadToken))).code(), "bad-token");
    assert_eq!(Problem::from(Service::Any(Problem::not_found())).status(), 404);
    assert_eq!(Problem::from(Service::Boxed(Problem::not_found().into())).status(), 404);
}

#[test]
fn a_server_error_says_nothing_and_keeps_its_source() {
    let problem = Problem::from(Service::Database(std::io::Error::other("secret")));
    let document = document(problem.clone());
    assert_eq!(document, json!({"title": "Internal server error", "status": 500, "code": "internal"}));
    assert!(matches!(problem.error(), Some(Service::Database(_))));
    assert_eq!(problem.variant(), Some("Service::Database"));
}

#[derive(Debug, thiserror::Error, Problem)]
#[problem(status = 503, type_base = "https://shop.example/problems/")]
enum Backend<T: std::fmt::Debug + Send + Sync + 'static> {
    #[error("stripe")]
    StripeApi,
    #[error("redis")]
    RedisLock { of: T },
    #[error("mailer")]
    #[problem(code = "mailer-down")]
    Mailer(#[problem(retry_after)] Duration),
    #[error("loop")]
    #[problem(status = 508)]
    BillingLoop,
    #[error("stripe again")]
    #[problem(status = 500, title = "Something failed")]
    StripeKey,
    #[error("refused")]
    #[problem(status = 402)]
    CardRefused,
}

#[derive(Debug, thiserror::Error, Problem)]
#[error("ledger")]
#[problem(status = 500)]
struct LedgerMismatch<T: std::fmt::Debug + Send + Sync + 'static>(T);

#[derive(Debug, thiserror::Error, Problem)]
enum Outer {
    #[error(transparent)]
    #[problem(transparent)]
    Backend(#[from] Backend<u8>),
    #[error("boxed")]
    #[problem(transparent)]
    Ledger(Box<LedgerMismatch<u8>>),
}

#[test]
fn a_server_error_without_a_code_has_the_type_of_its_status_and_keeps_its_name_for_the_log() {
    let cases: [(Problem, &str, &str, u16, &str); 6] = [
        (Backend::<u8>::StripeApi.into(), "unavailable", "Service unavailable", 503, "Backend::StripeApi"),
        (
            Outer::from(Backend::RedisLock { of: 7 }).into(),
            "unavailable",
            "Service unavailable",
            503,
            "Backend::RedisLock",
        ),
        (Backend::<u8>::Mailer(Duration::ZERO).into(), "mailer-down", "Mailer down", 503, "Backend::Mailer"),
        (Backend::<u8>::BillingLoop.into(), "server-error", "Server error", 508, "Backend::BillingLoop"),
        (Backend::<u8>::StripeKey.into(), "internal", "Something failed", 500, "Backend::StripeKey"),
        (Backend::<u8>::CardRefused.into(), "card-refused", "Card refused", 402, "Backend::CardRefused"),
    ];
    for (problem, code, title, status, name) in cases {
        let base = "https://shop.example/problems/";
        let expected = json!({"type": format!("{base}{code}"), "title": title, "status": status, "code": code});
        assert_eq!(document(problem.clone()), expected);
        assert_eq!(problem.variant(), Some(name));
    }
    let ledger = Problem::from(Outer::Ledger(Box::new(LedgerMismatch(1))));
    assert_eq!(document(ledger.clone())["code"], "internal");
    assert_eq!((ledger.variant(), ledger.headers().len()), (Some("LedgerMismatch"), 0));
}

#[test]
fn the_catalogue_lists_what_a_client_can_see_and_each_type_once() {
    let seen: Vec<_> = Outer::CATALOGUE.types().map(|kind| (kind.status().as_u16(), kind.code())).collect();
    let own =
        [(503, "unavailable"), (503, "mailer-down"), (508, "server-error"), (500, "internal"), (402, "card-refused")];
    assert_eq!(seen, [&own[..], &[(500, "internal")]].concat());
    assert_eq!(Outer::CATALOGUE.find("unavailable").unwrap().title(), "Service unavailable");
}

#[test]
fn the_catalogue_lists_own_and_wrapped_types() {
    let codes: Vec<&str> = Service::CATALOGUE.types().map(|kind| kind.code()).collect();
    assert_eq!(Service::CATALOGUE.find("busy").map(|kind| kind.status().as_u16()), Some(429));
    assert!(Service::CATALOGUE.find("idle").is_none());
    assert_eq!(codes, ["internal", "out-of-stock", "no-such-order", "busy", "bad-token"]);
}

#[derive(Debug, thiserror::Error, Problem)]
#[problem(status = 422)]
enum Rich<M, E: std::error::Error>
where
    M: std::fmt::Debug,
{
    #[error("members")]
    Members {
        #[problem(member)]
        r#type_of: Option<M>,
        #[problem(header = "x-hint")]
        hint: Option<&'static str>,
        #[problem(retry_after)]
        after: Option<Duration>,
        ignored: std::marker::PhantomData<E>,
    },
    #[error("violations")]
    #[problem(code = "bad-order", detail = "look at `errors`")]
    Violations {
        #[problem(violations)]
        found: Violations,
    },
    #[error("violation")]
    Violation(#[problem(violations)] Violation),
    #[error("inner")]
    #[problem(transparent)]
    Inner(E),
}

type Example = Rich<Vec<u8>, BadToken>;

#[test]
fn a_generic_error_asks_for_no_more_than_it_needs() {
    let none = Example::Members { type_of: None, hint: None, after: None, ignored: std::marker::PhantomData };
    assert_eq!(document(none), json!({"title": "Members", "status": 422, "code": "members"}));
    let all = Example::Members {
        type_of: Some(vec![1]),
        hint: Some("later"),
        after: Some(Duration::from_secs(5)),
        ignored: std::marker::PhantomData,
    };
    let problem = Problem::from(all);
    assert_eq!(
        (&problem.headers()["x-hint"], &problem.headers()["retry-after"]),
        (&"later".parse().unwrap(), &"5".parse().unwrap())
    );
    assert_eq!(document(problem)["type_of"], json!([1]));
    assert_eq!(Problem::from(Example::Inner(BadToken)).status(), 401);
    assert_eq!(Example::CATALOGUE.types().count(), 4);
}

#[test]
fn a_range_that_is_not_there_tells_how_long_the_resource_is() {
    #[derive(Debug, thiserror::Error, Problem)]
    #[error("past the end")]
    #[problem(status = 416)]
    struct PastTheEnd(#[problem(header = "content-range")] String);

    let problem = Problem::from(PastTheEnd("bytes */47022".into()));
    assert_eq!(problem.headers()["content-range"], "bytes */47022");
}

#[test]
fn a_header_that_cannot_be_sent_is_left_out() {
    let split = Example::Members {
        type_of: None,
        hint: Some("a\r\nset-cookie: b"),
        after: None,
        ignored: std::marker::PhantomData,
    };
    assert!(Problem::from(split).headers().is_empty());
}

#[test]
fn violations_are_listed() {
    let violation = Violation::at(&At::body().member("sku"), "unknown-sku", "is unknown");
    for error in [Example::Violations { found: violation.clone().into() }, Example::Violation(violation)] {
        assert_eq!(
            document(error)["errors"],
            json!([{"pointer": "#/sku", "code": "unknown-sku", "detail": "is unknown"}])
        );
    }
}

#[derive(Debug, thiserror::Error, Problem)]
#[error("taken")]
#[problem(status = 409, detail = "{name} is taken by {by:?}")]
struct Taken<N, B> {
    name: N,
    #[problem(header = "x-by")]
    by: Option<B>,
}

/// Not even `Display` and `Debug` bounds on the fields are written by hand.
#[test]
fn the_detail_of_a_generic_error_asks_for_what_it_shows() {
    fn taken<N, B>(name: N, by: Option<B>) -> Problem
    where
        N: std::fmt::Display + std::fmt::Debug + Send + Sync + 'static,
        B: std::fmt::Display + std::fmt::Debug + Send + Sync + 'static,
    {
        Taken { name, by }.into()
    }
    assert_eq!(taken("the name", Some(7)).detail(), Some("the name is taken by Some(7)"));
    assert_eq!(taken("the name", Some(7)).headers()["x-by"], "7");
}

#[derive(Debug, thiserror::Error, Problem)]
enum Order {
    #[error("lines")]
    #[problem(transparent)]
    Lines(Box<Lines>),
    #[error("gone")]
    #[problem(status = 410)]
    Gone,
}

#[derive(Debug, thiserror::Error, Problem)]
enum Lines {
    #[error("order")]
    #[problem(transparent, unlisted)]
    Order(Box<Order>),
    #[error("too many")]
    #[problem(status = 409)]
    TooMany,
}

#[test]
fn two_errors_may_wrap_each_other() {
    let problem = Problem::from(Lines::Order(Box::new(Order::Lines(Box::new(Lines::TooMany)))));
    assert_eq!(problem.code(), "too-many");
    assert_eq!(Problem::from(Order::Gone).status(), 410);
    assert_eq!((Order::CATALOGUE.types().count(), Lines::CATALOGUE.types().count()), (2, 1));
}

#[derive(Debug, thiserror::Error, Problem)]
enum Never {}

#[test]
fn an_error_that_cannot_happen_has_no_types() {
    assert_eq!(Never::CATALOGUE.types().count(), 0);
}
