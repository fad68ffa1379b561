//! Backend building blocks for any `tower` server.
//!
//! Buttress is one crate that a service adds to its server: axum, plain hyper, or anything else that calls a
//! `tower::Service<http::Request<B>>`. It needs no `main` and no app object of its own, and each piece works alone.
//! It promises:
//!
//! - **One error contract.** Every failure that a client can see leaves in one envelope with a stable code: a typed
//!   domain error, a bad body, an unknown route, a timeout, a panic, another crate's plain text. None of them leaks
//!   internal details.
//! - **Input that cannot slip through.** Extractors validate, report *all* violations at once, each with the place in
//!   the client's input, and never repeat the input itself.
//! - **Transactions that cannot lose data.** Whether a transaction is cancelled, failed, retried, nested or cut off in
//!   the commit: the outcome is known, and the pool stays clean.
//! - **Cost close to nothing**, measured against hand-written code and against peers in one run.
//!
//! <div class="warning">
//!
//! **Import extractors from this crate, also in axum.** `axum::Json`, `Form`, `Query` and `Path` have the same names
//! and are the first that an editor proposes; they read a payload without applying any of its rules, and nothing warns
//! of it. The module `extract` has lines for `clippy.toml` that refuse them.
//!
//! </div>
//!
//! Start with the [`guide`], which goes from an axum service to transactions and tests, one page for each.
//!
//! # A service
//!
//! The example has an error that declares its meaning for a client, an input that declares its rules, a handler, and
//! the standard stack around it. The same handler runs in axum and in plain `tower`:
//!
#![cfg_attr(all(feature = "derive", feature = "extract", feature = "respond", feature = "stack"), doc = "```")]
#![cfg_attr(
    not(all(feature = "derive", feature = "extract", feature = "respond", feature = "stack")),
    doc = "```ignore"
)]
//! use buttress::handler::service;
//! use buttress::respond::Created;
//! use buttress::stack::Stack;
//! use buttress::{Json, Payload, Problem};
//! use http::Request;
//! use serde::{Deserialize, Serialize};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! #[derive(Serialize, Deserialize, Payload)]
//! #[serde(rename_all = "camelCase", deny_unknown_fields)]
//! #[payload(trim)]
//! struct NewOrder {
//!     #[validate(length(min = 1, max = 64))]
//!     customer: String,
//!     #[validate(range(min = 1, max = 999))]
//!     quantity: u32,
//! }
//!
//! #[derive(Debug, thiserror::Error, Problem)]
//! enum ShopError {
//!     #[error("{left} left")]
//!     #[problem(status = 409, code = "out-of-stock", title = "Out of stock")]
//!     OutOfStock {
//!         #[problem(member)]
//!         left: u32,
//!     },
//! }
//!
//! async fn create_order(Json(order): Json<NewOrder>) -> Result<Created<Json<NewOrder>>, ShopError> {
//!     if order.quantity > 3 {
//!         return Err(ShopError::OutOfStock { left: 3 });
//!     }
//!     Ok(Created::at("/v1/orders/1", Json(order)))
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let app = ServiceBuilder::new().layer(Stack::new()).service(service(create_order, ()));
//! // In axum: Router::new().route("/v1/orders", post(create_order)).layer(Stack::new())
//!
//! let request = Request::post("/v1/orders").header("content-type", "application/json");
//! let body = r#"{"customer":" ","quantity":"7","gift":true}"#.to_owned();
//! let response = app.oneshot(request.body(body).unwrap()).await.unwrap();
//! assert_eq!(response.status(), 422);
//! # use http_body_util::BodyExt;
//! let body = response.into_body().collect().await.unwrap().to_bytes();
//! let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
//! let errors = problem["errors"].as_array().unwrap();
//! let found: Vec<_> = errors.iter().map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap())).collect();
//! assert_eq!(found, [("#/customer", "length"), ("#/gift", "unknown"), ("#/quantity", "type")]);
//! # });
//! ```
//!
//! # Map
//!
//! The modules form rings; code in one ring uses only rings above it in this list.
//!
//! | ring | module | feature | contents |
//! |---|---|---|---|
//! | vocabulary | [`violation`] | always | the faults of an input, with their places |
//! | | [`schema`] | always, `derive` | the form of a type on the wire, as data |
//! | | [`body`] | always | the body type of handlers and layers |
//! | | [`problem`] | always, `derive` | errors that a client can be shown |
//! | | [`mod@handler`] | always | how a request becomes arguments, and a return value a response |
//! | | [`task`] | `store` | background work that a shutdown waits for, and probes of the parts of a service |
//! | | [`telemetry`] | `layer`, `store` | the view of transactions and statements in a log and a tracer |
//! | capabilities | [`payload`] | `payload`, `derive` | the shape and the rules of an input |
//! | | [`respond`] | `respond` | the return types of handlers |
//! | | [`layer`] | `layer` | the layers, each usable alone |
//! | | [`store`] | `store` | stores, and transactions that cannot lose data |
//! | on capabilities | [`page`] | `page` | lists in pages: their query, their cursors, their response |
//! | | [`extract`] | `extract` | the arguments of handlers |
//! | | [`stack`] | `stack` | the standard layers, merged into one |
//! | | [`sql`] | `postgres`, `mysql`, `sqlite` | SQL databases as stores: statements, pools, migrations |
//! | | [`transaction`] | `transaction` | the transaction of a request |
//! | | [`outbox`] | `outbox` | events that are written with a change and delivered after it |
//! | adapters | [`adapter`] | `axum`, `chrono`, `jiff`, `time` | foreign crates, each named in one place |
//!
//! # Log
//!
//! Buttress logs through `tracing`, under stable targets:
//!
//! | target | contents |
//! |---|---|
//! | `buttress::trace` | the span and the one event of each request, from the `trace` layer and the [`stack`]: an `ERROR` with the reason if it failed |
//! | `buttress::problem` | the `ERROR` of a failure that no trace layer logs, a `DEBUG` for each refusal, a `WARN` if a part of a problem is left out or if a problem replaces JSON that a handler wrote |
//! | `buttress::query`, `buttress::transaction`, `buttress::store`, `buttress::outbox` | statements, transactions, stores and outbox relays: see [`telemetry`] |
//!
//! A server error is one `ERROR` event, with the whole chain of its sources and the id that the client got. Of what a
//! client sends, the first two targets log only a valid request id and trace id. To keep only the failures, filter with
//! `buttress::trace=error`, not with `off`.
//!
//! # Features
//!
//! Only the vocabulary is on by default, and it brings no crate that an axum service does not have. Features only add;
//! none changes the behaviour of another.
#![cfg_attr(docsrs, feature(doc_cfg))]

// Ring 0: the vocabulary, which all other modules use; always compiled.
pub mod body;
mod entity_tag;
pub mod handler;
mod hex;
mod json;
pub mod problem;
mod request_id;
pub mod schema;
#[cfg(feature = "store")]
pub mod task;
#[cfg(any(feature = "layer", feature = "store"))]
pub mod telemetry;
// Without these features, only the target of the events about problems is used.
#[cfg(not(any(feature = "layer", feature = "store")))]
mod telemetry;
mod time;
mod trace_context;
#[cfg(any(feature = "layer", feature = "outbox"))]
mod uuid_v7;
pub mod violation;

// Ring 1: capabilities. They never import each other.
#[cfg(feature = "layer")]
pub mod layer;
#[cfg(feature = "payload")]
pub mod payload;
#[cfg(feature = "respond")]
pub mod respond;
#[cfg(feature = "store")]
pub mod store;

// Ring 2: modules that use capabilities.
#[cfg(feature = "extract")]
pub mod extract;
#[cfg(feature = "outbox")]
pub mod outbox;
#[cfg(feature = "page")]
pub mod page;
#[cfg(feature = "sql")]
pub mod sql;
#[cfg(feature = "stack")]
pub mod stack;
#[cfg(feature = "transaction")]
pub mod transaction;

// Ring 3: adapters. They use all other modules; no module uses them.
pub mod adapter;
// Text with examples that need these features. Only rustdoc compiles it.
#[cfg(all(
    any(doc, doctest),
    feature = "axum",
    feature = "derive",
    feature = "extract",
    feature = "outbox",
    feature = "page",
    feature = "sqlite",
    feature = "stack",
    feature = "transaction"
))]
pub mod guide;

// The items that nearly every handler needs, and the values whose modules are private. Each item of the crate has one public
// path; `tests/architecture` lists the few that have a second one.
pub use self::entity_tag::{EntityTag, InvalidEntityTag};
pub use self::handler::json::Json;
pub use self::handler::state::State;
#[cfg(feature = "payload")]
pub use self::payload::Payload;
pub use self::problem::value::Problem;
pub use self::request_id::RequestId;
pub use self::time::{Timestamp, TimestampError};
pub use self::trace_context::TraceContext;
/// <div class="warning">
///
/// The extractors of this crate apply the rules. `axum::Json` and similar types read the type through serde alone, and
/// skip all rules: see the module `extract` for how to refuse those types.
///
/// </div>
///
/// The derive goes beside `serde::Deserialize` and reads three attributes: serde's, for the form of an input;
/// validator's, for its rules; and its own, for everything that neither of them can express.
///
/// ```
/// use std::sync::LazyLock;
///
/// use buttress::Payload;
/// use buttress::payload::rule::ValidationError;
/// use buttress::payload::{ValidationContext, read_json};
/// use regex::Regex;
/// use serde::Deserialize;
///
/// static SKU: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[A-Z0-9-]{3,32}$").unwrap());
///
/// #[derive(Deserialize, Payload)]
/// #[serde(rename_all = "camelCase", deny_unknown_fields)]
/// #[payload(trim, nfc)]
/// #[validate(schema(function = ends_later))]
/// struct NewOffer {
///     #[validate(regex(path = *SKU, message = "must be a sku"))]
///     sku: String,
///     #[validate(length(min = 1, max = 50), nested)]
///     prices: Vec<Price>,
///     first_day: u16,
///     last_day: u16,
/// }
///
/// #[derive(Deserialize, Payload)]
/// #[serde(tag = "kind", rename_all = "kebab-case")]
/// enum Price {
///     Fixed {
///         #[validate(range(min = 1))]
///         cents: u32,
///     },
///     OnDemand,
/// }
///
/// fn ends_later(offer: &NewOffer) -> Result<(), ValidationError> {
///     let error = || ValidationError::new("period").with_message("must not end before it starts".into());
///     if offer.last_day < offer.first_day { Err(error()) } else { Ok(()) }
/// }
///
/// let body = br#"{"sku": " mug ", "prices": [{"kind": "fixed", "cents": 0}], "firstDay": 2}"#;
/// let problem = read_json::<NewOffer>(body, ValidationContext::new()).err().unwrap();
/// let found: Vec<_> = problem.violations().iter().map(|v| format!("{} {}", v.location(), v.message())).collect();
/// assert_eq!(found, ["#/lastDay is required", "#/prices/0/cents must be at least 1", "#/sku must be a sku"]);
/// ```
///
/// # From serde
///
/// | on | understood |
/// |---|---|
/// | the type | `rename_all`, `rename_all_fields` (also by direction), `deny_unknown_fields`, `default`, `tag`, `content`, `untagged`, `transparent` |
/// | the type | `from`, `try_from`: a leaf, which is read as a whole; its rules are reported at its own place |
/// | a variant | `rename`, `alias`, `rename_all`, `skip`, `skip_deserializing`, `other`, `untagged`, `deserialize_with` |
/// | a field | `rename`, `alias`, `default`, `skip`, `skip_deserializing`, `flatten`, `with`, `deserialize_with` |
///
/// A payload owns its data: lifetimes are refused. The rest (`bound`, `expecting`, everything about output) is left to
/// serde.
///
/// # Rules, from validator
///
/// Each rule takes `code = "…"` and `message = "…"` as well. `None` obeys every rule but `required`. Limits may be
/// constants.
///
/// | `#[validate(…)]` on a field | for | code |
/// |---|---|---|
/// | `length(min = 1, max = 64)`, `length(equal = 4)` | characters of texts, elements of lists, members of maps | `length` |
/// | `range(min = 1, max = 9)`, also `exclusive_min`, `exclusive_max` | numbers | `range` |
/// | `regex(path = *SKU)` | texts; the path is a `LazyLock<Regex>` | `pattern` |
/// | `email`, `url` | texts | `email`, `url` |
/// | `ip`, `ip(v4)`, `ip(v6)`, `non_control_character` | texts | `pattern` |
/// | `contains(pattern = "@")`, `does_not_contain(pattern = "@")` | texts, and maps by name | `contains` |
/// | `must_match(other = password)` | two fields of the same struct | `match` |
/// | `required` | an `Option` that must be there | `required` |
/// | `custom(function = check_sku)` | `fn(&T) -> Result<(), ValidationError>`; for an `Option`, its content | the error's |
/// | `nested` | needed if `with` or `deserialize_with` reads a [`Payload`](trait@Payload), whose rules would otherwise be skipped; elsewhere, the inner value is always checked | |
/// | **on the type** | | |
/// | `schema(function = ends_later)` | `fn(&Self) -> Result<(), ValidationError>`; runs if all members are valid, or always with `skip_on_field_errors = false` | the error's |
/// | `context = Tenants` | the type that `custom(function = …, use_context)` and `schema` get as `&Tenants`, from the request's extensions | |
///
/// The parameters of a violation are the limits of the rule. The parameters of a `ValidationError` are kept, except
/// `value`.
///
/// # Its own
///
/// | `#[payload(…)]` | on | meaning |
/// |---|---|---|
/// | `leaf` | a field | a type of another crate that is not a [`Payload`](trait@Payload), or options, lists, arrays, tuples and maps of it: each is read as a whole and has no rules of its own |
/// | `message = "must be an ISBN"`, `code = "isbn"` | a field; a newtype; a type that is read as another one (`try_from`) | the text for a client whose value the type refuses, in place of "is not acceptable" |
/// | `trim`, `nfc`, `lowercase`, `uppercase`, `strip_control` | a field, or the type for all its texts | cleans the text before the rules; see [`Sanitizer`](crate::schema::Sanitizer) |
/// | `custom = check_sku` | a field or the type | `fn(&T, &InputPath<'_>, &mut ValidationContext<'_>)`, which reports any violations it likes |
/// | `example = "MUG-001"` | a field or the type | an example for the [schema]; any value that is `Serialize` |
/// | `deny_unknown` | the type | refuses unknown members if serde cannot, such as beside `flatten` |
/// | `bound = "T: Payload"` | the type | replaces the bounds that are put on type parameters |
/// | `crate = "crate::vendor::buttress"` | the type | the path under which this crate is re-exported |
///
/// The steps on a type (`trim` and so on) apply to its fields of the type `String`, and of options, lists and maps of
/// `String`. They do not apply to other payloads, which declare their own steps. Control characters are removed first,
/// white space last.
///
/// A conversion (`try_from`, or the `FromStr` of a leaf) whose error is a `&'static str` provides its own message: such
/// a text is part of the program and does not hold any input. The text of any other error is not shown, and neither is
/// the text with which a type of another crate says what it expects.
///
/// ```
/// use buttress::Payload;
/// use buttress::payload::{ValidationContext, read_json};
/// use serde::Deserialize;
///
/// #[derive(Deserialize, Payload)]
/// #[serde(try_from = "String")]
/// struct Isbn(String);
///
/// impl TryFrom<String> for Isbn {
///     type Error = &'static str;
///
///     fn try_from(text: String) -> Result<Self, &'static str> {
///         if text.len() == 13 { Ok(Self(text)) } else { Err("must have 13 digits") }
///     }
/// }
///
/// let problem = read_json::<Vec<Isbn>>(br#"["9783161484100", "978"]"#, ValidationContext::new()).err().unwrap();
/// let found = problem.violations().iter().next().unwrap();
/// assert_eq!((found.location().as_str(), found.message()), ("#/1", "must have 13 digits"));
/// ```
///
/// serde reads flattened, internally tagged and untagged values out of a buffer, which cannot hold an integer of 128
/// bits or a name that is a number. If the derive sees that a type needs one there, the type does not compile. If the
/// need is hidden inside another type, an input that has one is answered with a masked 500, and the log explains it.
///
/// U+0000 is refused in every text, because `PostgreSQL` cannot store it and C ends a text there. With `strip_control`
/// it is removed instead; a `leaf` is not checked.
#[cfg(all(feature = "derive", feature = "payload"))]
pub use buttress_derive::Payload;
/// ```
/// use buttress::Problem;
/// use buttress::problem::IntoProblem;
///
/// #[derive(Debug, thiserror::Error, Problem)]
/// enum ShopError {
///     #[error("{sku} is out of stock, {left} left")]
///     #[problem(status = 409, detail = "only {left} left")]
///     OutOfStock {
///         #[problem(member)]
///         sku: String,
///         #[problem(member)]
///         left: u32,
///     },
///     #[error("the database is down")]
///     #[problem(status = 503)]
///     Database(#[from] std::io::Error),
/// }
///
/// let problem = Problem::from(ShopError::OutOfStock { sku: "MUG-001".into(), left: 3 });
/// assert_eq!(
///     problem.render(),
///     concat!(
///         r#"{"title":"Out of stock","status":409,"detail":"only 3 left","code":"out-of-stock","#,
///         r#""sku":"MUG-001","left":3}"#,
///     ),
/// );
/// // A server error has the type of its status, unless a `code` is written; the variant's name is for the log.
/// let codes: Vec<_> = ShopError::CATALOGUE.types().map(|kind| kind.code()).collect();
/// assert_eq!(codes, ["out-of-stock", "unavailable"]);
/// let problem = Problem::from(ShopError::Database(std::io::Error::other("connection refused")));
/// assert_eq!((problem.code(), problem.variant()), ("unavailable", Some("ShopError::Database")));
/// ```
///
#[cfg(feature = "derive")]
pub use buttress_derive::Problem;
/// The derive goes beside `serde::Serialize` and reads serde's attributes that are about output: `rename`,
/// `rename_all`, `rename_all_fields`, `tag`, `content`, `untagged`, `transparent`, `into`, `skip`, `skip_serializing`,
/// `skip_serializing_if`, `flatten`, `serialize_with`, `with`. Doc comments become descriptions. A type that is read as
/// well derives `Payload`, which writes the schema of both directions.
///
/// | `#[schema(…)]` | on | meaning |
/// |---|---|---|
/// | `leaf` | a field | a type of another crate that has no schema, or options, lists, arrays, tuples and maps of it |
/// | `example = "MUG-001"` | a field or the type | an example; any value that is `Serialize` |
/// | `bound = "T: HasSchema"` | the type | replaces the bounds that are put on type parameters |
/// | `crate = "crate::vendor::buttress"` | the type | the path under which this crate is re-exported |
///
/// ```
/// use buttress::Schema;
/// use buttress::schema::{Direction, json_schema};
/// use serde::Serialize;
///
/// #[derive(Serialize, Schema)]
/// #[serde(tag = "state", rename_all = "lowercase")]
/// enum Delivery<'a> {
///     Waiting,
///     /// It is on its way.
///     Sent {
///         #[schema(example = "1Z999AA10123456784")]
///         tracking: &'a str,
///     },
/// }
///
/// let document = json_schema::<Delivery<'_>>(Direction::Outbound);
/// let sent = &document["$defs"]["Delivery"]["oneOf"][1];
/// assert_eq!(sent["description"], "It is on its way.");
/// assert_eq!(sent["properties"]["state"]["const"], "sent");
/// assert_eq!(sent["properties"]["tracking"]["examples"][0], "1Z999AA10123456784");
/// ```
#[cfg(feature = "derive")]
pub use buttress_derive::Schema;
/// The function stays unchanged. A mistake in its signature is reported at the argument or the return type in question.
/// Without the attribute, it is reported about the whole function where it is used, such as in axum's `post(create)` or
/// in a call of `service(create, state)`.
///
/// | `#[handler(…)]` | |
/// |---|---|
/// | `axum` | the function is used in axum: this checks axum's own traits, so a type that is not adapted is found, and a type that only axum knows is allowed |
/// | `state = Shop` | the state that the function is used with; without it, the `T` of its only `State<T>`, or `()` |
/// | `body = Incoming` | the body of its requests, for a handler that does not take any; without it, [`Body`](crate::body::Body). axum has a body type of its own |
///
/// If a handler has several `State` arguments and the attribute names no state, these arguments are not checked. A
/// generic function is checked where it is used.
///
/// ```
/// use buttress::handler::service;
/// use buttress::{Problem, State};
/// use tower::ServiceExt;
///
/// #[buttress::handler]
/// async fn stock(State(left): State<u32>) -> Result<String, Problem> {
///     if left == 0 { Err(Problem::not_found()) } else { Ok(left.to_string()) }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let response = service(stock, 7).oneshot(http::Request::new(String::new())).await.unwrap();
/// assert_eq!(response.status(), 200);
/// # });
/// ```
///
/// The attribute does nothing at run time, so a function without it works the same: add it if the compiler's message
/// says too little.
#[cfg(feature = "derive")]
pub use buttress_derive::handler;
