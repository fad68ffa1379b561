use crate::fixture::*;

#[test]
fn only_what_is_no_json_is_a_400() {
    for (body, status) in [
        ("", 400),
        ("{", 400),
        ("[1", 400),
        ("nope", 400),
        ("{'a':1}", 400),
        ("\u{feff}1", 400),
        ("1 1", 400),
        ("\"\n\"", 400),
        ("[1,]", 400),
        ("\"\\x\"", 400),
        ("\"\\ud800\"", 422),
        ("1e999", 422),
        ("{\"\\ud800\":1}", 422),
        ("[]", 422),
        ("-1", 422),
    ] {
        let outcome = json::<u8>(body);
        assert!(outcome.starts_with(&status.to_string()), "{body:?}: {outcome}");
    }
    assert_eq!(json::<u8>(b"\"\xff\""), "400");
    assert_eq!(json::<Tree>(b"{\"n\":1,\"ignored\":\"\xff\"}"), "400");
}
