//! The parts of a request's head: query, path, headers; also the state.

use buttress::extract::{Headers, Input, Path, Query, Unchecked};
use buttress::handler::FromRequestParts;
use buttress::problem::Challenge;
use buttress::{Json, Problem, State};
use http::Method;
use http::request::Parts;

use super::everywhere;
use super::inputs::{Few, Greeting, Id, MaxQuantity, Order, Place, Search, Shop, Wishes};

pub(crate) async fn query(Query(search): Query<Search>) -> String {
    format!("{} of {:?}", search.limit, search.sku)
}

pub(crate) async fn unchecked_query(Unchecked(Query(search)): Unchecked<Query<Search>>) -> String {
    search.limit.to_string()
}

pub(crate) async fn one(Path(id): Path<Id>) -> String {
    id.0.to_string()
}

pub(crate) async fn two(Path((id, part)): Path<(Id, String)>) -> String {
    format!("{} {part}", id.0)
}

pub(crate) async fn by_name(Path(place): Path<Place>) -> String {
    format!("{} on {}", place.place, place.shelf)
}

pub(crate) async fn unchecked_path(Unchecked(Path(id)): Unchecked<Path<u32>>) -> String {
    id.to_string()
}

pub(crate) async fn unchecked_by_name(Unchecked(Path(place)): Unchecked<Path<Place>>) -> String {
    format!("{} on {}", place.place, place.shelf)
}

pub(crate) async fn lenient_path(id: Result<Path<Id>, Problem>) -> Result<String, Problem> {
    id.map(|Path(id)| id.0.to_string()).map_err(|_| Problem::not_found())
}

/// The rule of [`Few`] reads this, which an earlier extractor left in the extensions.
pub(crate) struct Allowance;

impl<S: Sync> FromRequestParts<S> for Allowance {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if parts.headers.contains_key("allowance") {
            parts.extensions.insert(MaxQuantity(5));
        }
        Ok(Self)
    }
}
buttress::adapt_parts!(Allowance);

pub(crate) async fn context(_: Allowance, Json(Few(few)): Json<Few>) -> String {
    few.to_string()
}

pub(crate) async fn headers(Headers(wishes): Headers<Wishes>) -> String {
    format!("version {}, tags {:?}", wishes.api_version, wishes.tags)
}

pub(crate) async fn unchecked_headers(
    Unchecked(Headers(all)): Unchecked<Headers<std::collections::BTreeMap<String, String>>>,
) -> String {
    all.get("api-version").cloned().unwrap_or_default()
}

pub(crate) async fn state(State(shop): State<Shop>, State(greeting): State<Greeting>) -> String {
    assert_eq!(shop.greeting, greeting);
    greeting.0.to_owned()
}

type Everything = (Path<Id>, Query<Search>, Headers<Wishes>, Json<Order>);

pub(crate) async fn input(Input((Path(id), Query(search), Headers(wishes), Json(order))): Input<Everything>) -> String {
    format!("{} {} {} {}", id.0, search.limit, wishes.api_version, order.customer)
}

pub(crate) struct Token;

impl<S: Sync> FromRequestParts<S> for Token {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.headers.get("authorization") {
            Some(_) => Ok(Self),
            None => Err(Problem::unauthorized(&Challenge::bearer())),
        }
    }
}
buttress::adapt_parts!(Token);

pub(crate) async fn input_with_own(
    Input((Path(id), Token, Json(order))): Input<(Path<Id>, Token, Json<Order>)>,
) -> String {
    format!("{} {}", id.0, order.customer)
}

#[tokio::test]
async fn queries_are_read() {
    everywhere(async |edge| {
        edge.get("/query?limit=5").await.is("5 of None");
        edge.get("/query?sku=A&limit=5&sku=b%20c+d").await.is(r#"5 of Some(["A", "b c d"])"#);
        edge.get("/query").await.is_invalid(&[("?limit", "required")]);
        edge.get("/query?limit=x&other=1").await.is_invalid(&[("?limit", "type"), ("?other", "unknown")]);
        edge.get("/query?limit=0&sku=%FF").await.is_invalid(&[("?limit", "range"), ("?sku", "type")]);
        edge.get("/query?limit=1&limit=2").await.is_invalid(&[("?limit", "duplicate")]);
        edge.get("/query/unchecked?limit=0").await.is("0");
        edge.get("/query/unchecked?limit=x").await.is_problem(422, "invalid-input");
    })
    .await;
}

#[tokio::test]
async fn paths_are_read() {
    everywhere(async |edge| {
        edge.get("/items/7").await.is("7");
        edge.get("/items/7/parts/a%20b").await.is("7 a b");
        edge.get("/shelves/up/3").await.is("3 on up");
        edge.get("/unchecked/0").await.is("0");
    })
    .await;
}

#[tokio::test]
async fn a_parameter_of_the_path_is_named() {
    everywhere(async |edge| {
        edge.get("/items/x").await.is_invalid(&[("?id", "type")]);
        edge.get("/items/0").await.is_invalid(&[("?id", "range")]);
        edge.get("/items/x/parts/p").await.is_invalid(&[("?id", "type")]);
        edge.get("/items/0/parts/p").await.is_invalid(&[("?id", "range")]);
        edge.get("/shelves/up/x").await.is_invalid(&[("?place", "type")]);
        edge.get("/unchecked/x").await.is_invalid(&[("?id", "type")]);
        edge.get("/lenient/x").await.is_problem(404, "not-found");
        edge.get("/items/%FF").await.is_problem(404, "not-found");
    })
    .await;
}

/// A type that does not fit its route is the service's mistake, whatever the client sends.
#[tokio::test]
async fn a_type_that_does_not_fit_its_route_is_no_fault_of_a_client() {
    everywhere(async |edge| {
        for path in ["/misfit/named/7", "/misfit/named/x", "/misfit/two/7", "/misfit/one/1/2", "/misfit/unchecked/7"] {
            edge.get(path).await.is_problem(500, "internal");
        }
    })
    .await;
}

#[tokio::test]
async fn headers_are_read() {
    everywhere(async |edge| {
        let get = async |headers: &[(&str, &str)]| edge.send(Method::GET, "/headers", headers, b"").await;
        get(&[("api-version", "2"), ("x-other", "1")]).await.is("version 2, tags []");
        get(&[("Api-Version", "2"), ("x-tag", "a"), ("X-Tag", "b")]).await.is(r#"version 2, tags ["a", "b"]"#);
        get(&[]).await.is_invalid(&[("api-version:", "required")]);
        get(&[("api-version", "0")]).await.is_invalid(&[("api-version:", "range")]);
        get(&[("api-version", "two")]).await.is_invalid(&[("api-version:", "type")]);
        get(&[("api-version", "1"), ("api-version", "2")]).await.is_invalid(&[("api-version:", "duplicate")]);
        edge.send(Method::GET, "/headers/unchecked", &[("api-version", "x")], b"").await.is("x");
    })
    .await;
}

#[tokio::test]
async fn the_state_hands_out_its_parts() {
    everywhere(async |edge| edge.get("/state").await.is("hello")).await;
}

const ORDER: &str = r#"{"customer":"ann","lines":[]}"#;
const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn a_whole_request_is_read_at_once() {
    everywhere(async |edge| {
        let version = ("api-version", "2");
        edge.send(Method::POST, "/input/7?limit=5", &[JSON, version], ORDER.as_bytes()).await.is("7 5 2 ann");
        let broken = br#"{"customer":1,"lines":[]}"#;
        edge.send(Method::POST, "/input/x?limit=0&z=1", &[JSON, ("api-version", "v")], broken).await.is_invalid(&[
            ("#/customer", "type"),
            ("?id", "type"),
            ("?limit", "range"),
            ("?z", "unknown"),
            ("api-version:", "type"),
        ]);
        edge.send(Method::POST, "/input/0", &[JSON], ORDER.as_bytes()).await.is_invalid(&[
            ("?id", "range"),
            ("?limit", "required"),
            ("api-version:", "required"),
        ]);
    })
    .await;
}

#[tokio::test]
async fn what_is_worse_than_a_violation_comes_alone() {
    everywhere(async |edge| {
        let post =
            async |headers: &[(&str, &str)], body: &[u8]| edge.send(Method::POST, "/input/own/x", headers, body).await;
        let token = ("authorization", "Bearer t");
        let reply = post(&[], b"").await;
        assert_eq!(reply.is_problem(401, "unauthorized").header("www-authenticate"), Some("Bearer"));
        post(&[token], b"").await.is_problem(415, "unsupported-media-type");
        post(&[token, JSON], b"{").await.is_problem(400, "malformed-body");
        let large = vec![b' '; 5 * 1024 * 1024];
        if edge.protocol == super::Protocol::Http2 {
            post(&[token, JSON], &large).await.is_problem(413, "content-too-large");
        }
        post(&[token, JSON], b"{}").await.is_invalid(&[
            ("#/customer", "required"),
            ("#/lines", "required"),
            ("?id", "type"),
        ]);
    })
    .await;
}

#[tokio::test]
async fn a_rule_finds_its_context_or_the_service_is_at_fault() {
    everywhere(async |edge| {
        let post =
            async |headers: &[(&str, &str)], body: &[u8]| edge.send(Method::POST, "/context", headers, body).await;
        let allowance = ("allowance", "yes");
        post(&[JSON, allowance], b"5").await.is("5");
        post(&[JSON, allowance], b"6").await.is_invalid(&[("#", "range")]);
        post(&[JSON], b"5").await.is_problem(500, "internal");
    })
    .await;
}
