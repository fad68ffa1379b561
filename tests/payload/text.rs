use buttress::handler::PathParams;
use buttress::payload::{Payload, ValidationContext, read_form, read_path, read_query};

use crate::fixture::*;

fn query<T: Payload>(text: &str) -> String {
    outcome(read_query::<T>(text, ValidationContext::new()))
}

#[test]
fn a_query_is_read_by_name() {
    let read = |text| read_query::<Filter>(text, ValidationContext::new()).unwrap();
    let filter = read("limit=5&tag=a&kind=done&exact=true&tag=b+c");
    assert_eq!(
        filter,
        Filter { limit: Some(5), tag: vec!["a".into(), "b c".into()], kind: Some(Kind::Done), exact: true }
    );
    assert_eq!(read("limit=&kind="), Filter { limit: None, tag: vec![], kind: None, exact: false });
    assert_eq!(read("tag=a").tag, ["a"]);
    for (text, expected) in [
        ("limit=x&tag=%ff&kind=lost&exact=2", "422 exact type,kind variant,limit type,tag type"),
        ("limit=1&limit=2", "422 limit duplicate"),
        ("kind=open&kind=open", "422 kind duplicate"),
        ("other=1&other=2", "422 other unknown"),
        ("limit=300", "422 limit type"),
    ] {
        assert_eq!(query::<Filter>(text), expected, "{text}");
    }
    assert_eq!(outcome(read_form::<Filter>(b"limit=x", ValidationContext::new())), "422 #/limit type");
}

#[test]
fn a_path_is_read_by_name_or_by_position() {
    let params = PathParams::from_iter([("shop", "a"), ("id", "7")]);
    assert_eq!(read_path::<(String, u32)>(&params, ValidationContext::new()).unwrap(), ("a".into(), 7));
    assert_eq!(outcome(read_path::<(u8, bool)>(&params, ValidationContext::new())), "422 id type,shop type");
    let one = PathParams::from_iter([("id", "x")]);
    assert_eq!(read_path::<String>(&one, ValidationContext::new()).unwrap(), "x");
    assert_eq!(outcome(read_path::<u32>(&one, ValidationContext::new())), "422 id type");
    // A type that does not fit its route is the service's fault alone.
    assert_eq!(outcome(read_path::<Line>(&one, ValidationContext::new())), "500");
}

#[test]
fn what_is_flattened_is_read_by_its_type() {
    let flat = read_query::<Flat>("id=7&size=5&a=1&b=2", ValidationContext::new()).unwrap();
    assert_eq!((flat.id, flat.page.size.as_str()), (7, "5"));
    assert_eq!(flat.rest.into_iter().collect::<Vec<_>>(), [("a".to_owned(), 1), ("b".to_owned(), 2)]);
    assert_eq!(query::<Flat>("id=7&size=5&a=x"), "422 a type");
    assert_eq!(query::<Flat>("id=x&a=300&a=1"), "422 a duplicate,id type,size required");
    assert_eq!(query::<Internal>("kind=card&digits=1"), "ok");
    assert_eq!(query::<Internal>("kind=gold"), "422 kind variant");
    assert_eq!(query::<Untagged>("n=5&kids="), "422  type");
    assert_eq!(query::<Untagged>("n=5"), "ok");
}

#[test]
fn headers_are_read_by_their_name_in_lower_case() {
    use buttress::payload::read_headers;
    use http::HeaderMap;
    use std::collections::BTreeMap;

    let mut headers = HeaderMap::new();
    headers.insert("x-limit", "7".parse().unwrap());
    headers.append("X-Limit", "8".parse().unwrap());
    headers.insert("x-odd", http::HeaderValue::from_bytes(b"\xff").unwrap());
    let read = read_headers::<BTreeMap<String, u8>>(&headers, ValidationContext::new());
    let problem = read.unwrap_err();
    let found: Vec<_> = problem
        .violations()
        .iter()
        .map(|found| (found.location().kind(), format!("{} {}", found.location(), found.code())))
        .collect();
    assert_eq!(found, [("header", "x-limit duplicate".to_owned()), ("header", "x-odd type".to_owned())]);
    headers.clear();
    headers.insert("x-limit", "7".parse().unwrap());
    assert_eq!(read_headers::<BTreeMap<String, u8>>(&headers, ValidationContext::new()).unwrap()["x-limit"], 7);
}

#[test]
fn a_type_that_does_not_fit_its_route_is_named_for_the_log() {
    let one = PathParams::from_iter([("id", "x"), ("shop", "y")]);
    let cause = |problem: buttress::Problem| {
        assert_eq!(problem.status(), 500);
        std::error::Error::source(&problem).unwrap().to_string()
    };
    let named = cause(read_path::<Card>(&one, ValidationContext::new()).unwrap_err());
    assert_eq!(named, "the route has no parameter `digits`: it has `id`, `shop`");
    let unchecked =
        cause(read_path::<buttress::payload::Unvalidated<Card>>(&one, ValidationContext::new()).unwrap_err());
    assert_eq!(unchecked, named);
    let count = "the type of the path takes another number of parameters: the route has `id`, `shop`";
    assert_eq!(cause(read_path::<(u8, u8, u8)>(&one, ValidationContext::new()).unwrap_err()), count);
    assert_eq!(cause(read_path::<u8>(&one, ValidationContext::new()).unwrap_err()), count);
    assert_eq!(cause(read_path::<[u8; 1]>(&one, ValidationContext::new()).unwrap_err()), count);
    let few = PathParams::from_iter([("id", "x"), ("limit", "1")]);
    let unknown = cause(read_path::<Filter>(&few, ValidationContext::new()).unwrap_err());
    assert_eq!(unknown, "the type of the path knows no parameter `id`");
}

/// A violation of the request as a whole has no name, not even an empty one.
#[test]
fn no_parameter_has_an_empty_name() {
    for query in ["=x", "=x&limit=1", "limit=x&=1&=2"] {
        let problem = read_query::<Filter>(query, ValidationContext::new()).unwrap_err();
        let body = String::from_utf8(problem.render().to_vec()).unwrap();
        assert!(!body.contains(r#""parameter":"""#), "{body}");
        assert!(body.contains("has a parameter without a name"), "{body}");
    }
    let whole = read_query::<Untagged>("n=x&kids=", ValidationContext::new()).unwrap_err();
    let body = String::from_utf8(whole.render().to_vec()).unwrap();
    assert!(body.contains(r#""errors":[{"code":"type","detail":"fits none of the forms that are known"}]"#), "{body}");
}
