//! The derive macros of `buttress`. Use them through `buttress` with its `derive` feature.
