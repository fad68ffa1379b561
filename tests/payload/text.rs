use buttress::exchange::PathParams;
use buttress::payload::{Check, Payload, read_form, read_path, read_query};

use crate::fixture::*;

fn query<T: Payload>(text: &str) -> String {
    outcome(read_query::<T>(text, Check::new()))
}

#[test]
fn a_query_is_read_by_name() {
    let read = |text| read_query::<Filter>(text, Check::new()).unwrap();
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
    assert_eq!(outcome(read_form::<Filter>(b"limit=x", Check::new())), "422 #/limit type");
}

#[test]
fn a_path_is_read_by_name_or_by_position() {
    let params = PathParams::from_iter([("shop", "a"), ("id", "7")]);
    assert_eq!(read_path::<(String, u32)>(&params, Check::new()).unwrap(), ("a".into(), 7));
    assert_eq!(outcome(read_path::<(u8, bool)>(&params, Check::new())), "422 id type,shop type");
    let one = PathParams::from_iter([("id", "x")]);
    assert_eq!(read_path::<String>(&one, Check::new()).unwrap(), "x");
    assert_eq!(outcome(read_path::<u32>(&one, Check::new())), "422 id type");
    assert_eq!(outcome(read_path::<Line>(&one, Check::new())), "422 id unknown,quantity required,sku required");
}
