//! The derive macros of `buttress`. Use them through `buttress` with its `derive` feature.

mod ctxt;
mod handler;
mod name;
mod payload;
mod problem;
mod ty;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Declares the meaning of an error for clients: implements `buttress::problem::IntoProblem`, beside
/// `thiserror::Error`.
///
/// On a variant, or on a struct:
///
/// | `#[problem(…)]` | |
/// |---|---|
/// | `status = 409` | required, unless the enum has a default; from 400 to 599 |
/// | `code = "out-of-stock"` | the code for programs; without it, the variant's name in kebab-case, and for a server error the code of its status |
/// | `title = "Out of stock"` | the same for every occurrence; without it, derived from the code, and for a server error the title of its status |
/// | `detail = "only {left} left"` | the text for the client about this occurrence; fields in braces, `{0}` in a tuple |
/// | `detail` | the client gets the error's `Display` text; without either form it gets no detail |
/// | `description = "…"` | what the problem means, for a page about it; without it, the first paragraph of the doc comment, except for a server error |
/// | `type_base = "https://…/"` | the beginning of `type`; without it, the service's own |
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
/// | `violations` | a `Violations` or a `Violation`: the faults of the input |
/// | `retry_after` | a `Duration`: `Retry-After` |
/// | `challenge` | a `Challenge`, in place of the one of the type |
/// | `allow` | an `Allow`, in place of the one of the type |
/// | `header = "x-…"` | a header of this name, with the field's `Display` text |
///
/// The error itself stays behind the problem: for the log, and for `Problem::error`. A server error shows neither its
/// detail nor its members, whatever the attribute says, and without a `code` not even its name: a 500 is `internal`, a
/// 503 `unavailable`, as `problem::catalogue::for_status` defines them, and the log has the name as `problem.variant`.
/// `CATALOGUE` lists all types with their descriptions and the names of their members, including those of `transparent`
/// errors; an error that wraps itself is listed once.
#[proc_macro_derive(Problem, attributes(problem))]
pub fn derive_problem(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    problem::derive(&input).into()
}

/// Implements `Payload`: the schema of an input, and its rules.
///
#[proc_macro_derive(Payload, attributes(payload, serde, validate))]
pub fn derive_payload(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    payload::derive(&input).into()
}

/// Implements `HasSchema` for a type that is only written, beside `serde::Serialize`, whose attributes it reads.
///
#[proc_macro_derive(Schema, attributes(schema, serde))]
pub fn derive_schema(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    payload::derive_schema(&input).into()
}

/// Checks a handler where it is written: each argument, the return type, and that its future can move between threads.
///
#[proc_macro_attribute]
pub fn handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handler::attribute(arguments.into(), &item.into()).into()
}
