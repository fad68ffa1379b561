//! The compiler's messages for mistakes: each one names the fix.
//!
//! The snapshots hold for the compiler that CI uses. `TRYBUILD=overwrite cargo test --all-features --test ui` rewrites
//! them; read the difference before you commit it.

#[test]
fn mistakes_get_a_message_that_names_the_fix() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/problem/*.rs");
    cases.compile_fail("tests/ui/handler/*.rs");
    cases.compile_fail("tests/ui/service/*.rs");
    cases.compile_fail("tests/ui/router/*.rs");
    cases.compile_fail("tests/ui/attribute/*.rs");
    cases.compile_fail("tests/ui/payload/*.rs");
    cases.compile_fail("tests/ui/data/*.rs");
}
