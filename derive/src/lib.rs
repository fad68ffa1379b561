//! The derive macros of `buttress`. Use them through `buttress` with its `derive` feature.

mod ctxt;
mod name;
mod problem;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Says what an error means to a client; `buttress::problem` explains it.
#[proc_macro_derive(Problem, attributes(problem))]
pub fn derive_problem(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    problem::derive(&input).into()
}
