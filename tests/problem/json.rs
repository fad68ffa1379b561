//! Every rendering is JSON with the intended values, whatever the texts are.

use buttress::Problem;
use buttress::problem::envelope::{Aip193, JsonApi, Rfc9457};
use buttress::problem::{ErrorStatus, ProblemDetails};
use buttress::violation::{At, Violation, Violations};
use proptest::prelude::*;

use crate::parse;

/// Texts with every character that has to be escaped, and with similar ones.
fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            any::<char>(),
            (0u32..0x30).prop_map(|code| char::from_u32(code).unwrap_or(' ')),
            Just('"'),
            Just('\\'),
            Just('\u{7f}'),
            Just('\u{2028}'),
            Just('é'),
            Just('a'),
        ],
        0..40,
    )
    .prop_map(String::from_iter)
}

/// A status that shows its members and needs no header.
fn client_error() -> impl Strategy<Value = ErrorStatus> {
    let all: Vec<_> = (400..500).filter_map(ErrorStatus::from_u16).collect();
    proptest::sample::select(all)
}

proptest! {
    #[test]
    fn every_text_comes_back(
        detail in text(), member in text(), base in text(), instance in text(), id in text(), name in text(),
        index in any::<usize>(), message in text(), code in text(), limit in text(),
    ) {
        let body = At::body();
        let violation = Violation::at(&body.member(&name).index(index), code.clone(), message.clone())
            .with_param(limit.clone(), limit.clone());
        let pointer = violation.location().to_string();
        let problem = Problem::new(ErrorStatus::CONFLICT, "conflict", "Conflict")
            .with_detail(detail.clone())
            .with_member("member", &member)
            .with_violations(Violations::from(violation));
        let occurrence =
            ProblemDetails::new(&problem).with_type_base(&base).with_instance(&instance).with_request_id(&id);

        let document = parse(&occurrence.render(&Rfc9457));
        prop_assert_eq!(&document["type"], &format!("{base}conflict"));
        prop_assert_eq!(&document["detail"], &detail);
        prop_assert_eq!(&document["instance"], &instance);
        prop_assert_eq!(&document["request_id"], &id);
        prop_assert_eq!(&document["member"], &member);
        prop_assert_eq!(&document["errors"][0]["pointer"], &pointer);
        prop_assert_eq!(&document["errors"][0]["code"], &code);
        prop_assert_eq!(&document["errors"][0]["detail"], &message);
        prop_assert_eq!(&document["errors"][0]["params"][&limit], &limit);

        let document = parse(&occurrence.render(&JsonApi));
        prop_assert_eq!(&document["errors"][0]["detail"], &message);
        prop_assert_eq!(&document["errors"][0]["meta"][&limit], &limit);

        let document = parse(&occurrence.render(&Aip193::new("shop.example")));
        prop_assert_eq!(&document["error"]["message"], &detail);
        prop_assert_eq!(&document["error"]["details"][0]["metadata"]["member"], &member);
        prop_assert_eq!(&document["error"]["details"][1]["fieldViolations"][0]["description"], &message);
    }

    #[test]
    fn every_number_comes_back(status in client_error(), limit in any::<i64>(), half in any::<i32>()) {
        let problem = Problem::new(status, "code", "Title")
            .with_member("limit", limit)
            .with_member("half", f64::from(half) / 2.0);
        let document = parse(&problem.render());
        prop_assert_eq!(&document["status"], http::StatusCode::from(status).as_u16());
        prop_assert_eq!(&document["limit"], limit);
        prop_assert_eq!(document["half"].as_f64(), Some(f64::from(half) / 2.0));
    }
}
