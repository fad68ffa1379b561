use buttress::EntityTag;
use http::HeaderValue;

fn tag(text: &str) -> EntityTag {
    text.parse().unwrap()
}

#[test]
fn a_version_is_a_strong_tag() {
    assert_eq!(EntityTag::version(7).to_string(), "\"7\"");
    assert_eq!(EntityTag::version(i128::MIN).to_string(), "\"-170141183460469231731687303715884105728\"");
    assert_eq!(EntityTag::version(u64::MAX).to_string(), "\"18446744073709551615\"");
    assert!(!EntityTag::version(7).is_weak());
}

#[test]
fn only_what_the_grammar_has_is_read() {
    for text in ["\"\"", "\"a\"", "W/\"\"", "W/\"!#~\"", "\"é\"", "\"a,b\"", "\"*\"", "\"W/\""] {
        assert_eq!(text.parse::<EntityTag>().unwrap().to_string(), text);
    }
    let all = [
        "", "a", "\"", "W/", "w/\"a\"", "\"a", "a\"", "\"a\"b", "\"a b\"", "\"a\"\"", " \"a\"", "\"a\" ", "W/ \"a\"",
        "*", "\"\t\"", "\"\r\n\"",
    ];
    for text in all {
        assert!(text.parse::<EntityTag>().is_err(), "{text}");
    }
    assert!(EntityTag::strong("a\"b").is_err() && EntityTag::weak("a b").is_err());
    let bytes = HeaderValue::from_bytes(b"\"\xff\"").unwrap();
    assert_eq!(EntityTag::from_header(&bytes).unwrap().opaque(), b"\xff");
}

/// The table of RFC 9110 §8.8.3.2.
#[test]
fn tags_compare_as_the_rfc_has_it() {
    for (a, b, strong, weak) in [
        ("W/\"1\"", "W/\"1\"", false, true),
        ("W/\"1\"", "W/\"2\"", false, false),
        ("W/\"1\"", "\"1\"", false, true),
        ("\"1\"", "\"1\"", true, true),
    ] {
        assert_eq!((tag(a).strong_eq(&tag(b)), tag(a).weak_eq(&tag(b))), (strong, weak), "{a} {b}");
        assert_eq!((tag(b).strong_eq(&tag(a)), tag(b).weak_eq(&tag(a))), (strong, weak), "{b} {a}");
    }
}

#[test]
fn a_tag_weakens_once() {
    assert_eq!(EntityTag::version(7).into_weak().into_weak(), tag("W/\"7\""));
    assert_eq!(EntityTag::weak("7").unwrap(), tag("W/\"7\""));
}
