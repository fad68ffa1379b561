//! The derive macros of `buttress`. Use them through `buttress` with its `derive` feature.

mod ctxt;
mod handler;
mod name;
mod payload;
mod problem;
mod ty;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Says what an error means to a client: implements `buttress::IntoProblem`, beside `thiserror::Error`.
///
/// On a variant, or on a struct:
///
/// | `#[problem(…)]` | |
/// |---|---|
/// | `status = 409` | required, unless the enum has a default; from 400 to 599 |
/// | `code = "out-of-stock"` | the machine word; without it, the variant's name in kebab-case, and for a server error the code of its status |
/// | `title = "Out of stock"` | the same for every occurrence; without it, made of the code, and for a server error the title of its status |
/// | `detail = "only {left} left"` | what the client reads about this occurrence; fields in braces, `{0}` in a tuple |
/// | `detail` | the client reads what `Display` says; without either it reads nothing |
/// | `type_base = "https://…/"` | what the `type` begins with; without it, the service's own |
/// | `challenge = "Bearer"` | 401 and 407 only, and there required |
/// | `allow = "GET, HEAD"` | 405 only, and there required |
/// | `upgrade = "HTTP/2.0"` | 426 only, and there required |
/// | `transparent` | the only field is the problem: another error of this kind, boxed or not, or a `Problem` |
/// | `transparent, unlisted` | its types stay out of the catalogue: for two errors that wrap each other |
///
/// On an enum: `status` and `type_base`, as defaults for its variants.
///
/// On a field, where an `Option` that is `None` adds nothing:
///
/// | `#[problem(…)]` | |
/// |---|---|
/// | `member`, `member = "unitsLeft"` | an extension member, under the field's name or another |
/// | `violations` | a `Violations` or a `Violation`: what is wrong with the input |
/// | `retry_after` | a `Duration`: `Retry-After` |
/// | `challenge` | a `Challenge`, in place of the one of the type |
/// | `allow` | an `Allow`, in place of the one of the type |
/// | `header = "x-…"` | a header of this name, with what `Display` says |
///
/// The error itself stays behind the problem: for the log, and for `Problem::error`. A server error shows neither
/// its detail nor its members, whatever is written here, and without a `code` not even its name: a 500 is `internal`, a
/// 503 `unavailable`, as `problem::catalogue::for_status` has them, and the log has the name as `problem.variant`.
/// `CATALOGUE` lists all types, those of `transparent` errors included; an error that wraps itself is listed once.
#[proc_macro_derive(Problem, attributes(problem))]
pub fn derive_problem(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    problem::derive(&input).into()
}

/// Implements `Payload`: what an input looks like, and what must hold of it.
///
#[proc_macro_derive(Payload, attributes(payload, serde, validate))]
pub fn derive_payload(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    payload::derive(&input).into()
}

/// Checks a handler where it is written: each argument, the answer, and that its future can move between threads.
///
#[proc_macro_attribute]
pub fn handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handler::attribute(arguments.into(), &item.into()).into()
}
