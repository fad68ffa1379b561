//! Properties of any input at all.

use buttress::payload::{Payload, Unvalidated, ValidationContext, read_form, read_json, read_patch, read_query};
use buttress::problem::IntoProblem as _;
use proptest::collection::vec;
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fixture::*;

/// Is part of every submitted string, and must not come back.
const MARK: &str = "SeCrEt";

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec![
            "customer", "lines", "note", "extra", "sku", "quantity", "qty", "n", "kids", "kind", "data", "card", "cash",
            "digits", "id", "size", "sort", "even", "names", "limit", "tag", "exact",
        ])
        .prop_map(str::to_owned),
        1 => "[a-z/~%\\\\\"]{0,3}",
    ]
}

fn any_scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|truth| truth.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        (0_u8..20).prop_map(|number| number.to_string()),
        Just("1e999".to_owned()),
        Just("1.5".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        prop::sample::select(vec!["\"card\"", "\"cash\"", "\"A\""]).prop_map(str::to_owned),
        "[a-z, :`]{0,8}".prop_map(|text| format!("\"{MARK}{text}, expected {MARK}\"")),
    ]
}

/// The text of a value, including repeated names.
fn any_json() -> impl Strategy<Value = String> {
    any_scalar().prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(|elements| format!("[{}]", elements.join(","))),
            vec((any_name(), inner), 0..6).prop_map(|members| {
                let member = |(name, value): (String, String)| format!("{}:{value}", Value::from(name));
                format!("{{{}}}", members.into_iter().map(member).collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

/// Reads, and checks the properties of every result. An input that plain serde refuses must be refused, too.
fn never_at_fault<T: Payload>(json: &str) {
    let read = read_json::<T>(json.as_bytes(), ValidationContext::new());
    let plain = serde_json::from_str::<T>(json);
    assert!(plain.is_ok() || read.is_err(), "serde refused, we did not: {json}");
    let Err(problem) = read else { return };
    assert!(problem.status().is_client_error(), "{problem:?}");
    assert!(problem.status() == 400 || !problem.violations().is_empty(), "{json}");
    for found in problem.violations() {
        assert!(!found.message().contains(MARK), "{json}: {}", found.message());
        assert!(!found.location().as_str().contains(MARK), "{json}: {}", found.location());
        assert_eq!(found.code().to_lowercase(), found.code());
    }
}

/// A value that serde has read is refused only by rules, if the shape is not stricter.
fn fits<T: Payload + DeserializeOwned>(json: &str) {
    if serde_json::from_str::<T>(json).is_ok()
        && let Err(problem) = read_json::<T>(json.as_bytes(), ValidationContext::new())
    {
        let stricter = ["duplicate", "length", "range", "unlucky", "note-is-customer"];
        let object_only = |found: &buttress::violation::Violation| found.code() == "type" && json.contains('[');
        for found in problem.violations() {
            assert!(stricter.contains(&found.code()) || object_only(found), "{json}: {found:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn random_json_is_answered(json in any_json()) {
        never_at_fault::<Order>(&json);
        never_at_fault::<Tree>(&json);
        never_at_fault::<External>(&json);
        never_at_fault::<Internal>(&json);
        never_at_fault::<Adjacent>(&json);
        never_at_fault::<Untagged>(&json);
        never_at_fault::<Flat>(&json);
        never_at_fault::<Foreign>(&json);
        never_at_fault::<Filter>(&json);
        never_at_fault::<Vec<(u8, Option<String>)>>(&json);
        never_at_fault::<std::collections::BTreeMap<String, Vec<Line>>>(&json);
        never_at_fault::<Unvalidated<Value>>(&json);
    }

    #[test]
    fn what_serde_reads_is_refused_by_rules_alone(json in any_json()) {
        fits::<Order>(&json);
        fits::<Tree>(&json);
        fits::<External>(&json);
        fits::<Foreign>(&json);
        fits::<Filter>(&json);
        fits::<Vec<Option<u8>>>(&json);
        fits::<std::collections::BTreeMap<String, Vec<Line>>>(&json);
    }

    #[test]
    fn random_bytes_are_answered(body in vec(any::<u8>(), 0..64)) {
        for outcome in [
            outcome(read_json::<Order>(&body, ValidationContext::new())),
            outcome(read_json::<Unvalidated<Value>>(&body, ValidationContext::new())),
            outcome(read_form::<Filter>(&body, ValidationContext::new())),
            outcome(read_form::<Flat>(&body, ValidationContext::new())),
            outcome(read_patch::<Order>(&body, ValidationContext::new())),
        ] {
            prop_assert!(!outcome.starts_with('5'), "{}", outcome);
        }
    }

    #[test]
    fn our_grammar_is_serde_json_s(text in "[\\[\\]{},:\"0-9.eE+ \\\\untfalsrd-]{0,12}") {
        let plain = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        // A wrong type makes this crate's own parser read the input.
        let ours = !json::<Even>(&text).starts_with("400");
        prop_assert_eq!(plain, ours, "{}", text);
    }

    #[test]
    fn random_queries_are_answered(pairs in vec((any_name(), "[0-9a-z%+&=]{0,6}"), 0..8)) {
        let pair = |(name, value): &(String, String)| format!("{name}={MARK}{value}");
        let query = pairs.iter().map(pair).collect::<Vec<_>>().join("&");
        let problem = match read_query::<Filter>(&query, ValidationContext::new()) {
            Err(problem) => problem,
            Ok(_) => return Ok(()),
        };
        prop_assert_eq!(problem.status().as_u16(), 422);
        for found in problem.violations() {
            prop_assert!(!found.message().contains(MARK));
        }
    }

    #[test]
    fn a_patch_that_is_accepted_applies_or_says_why(patch in any_json()) {
        let order = serde_json::json!({"customer": "ann", "lines": [{"sku": "A", "quantity": 1}], "note": "n"});
        match read_patch::<Order>(patch.as_bytes(), ValidationContext::new()) {
            Err(problem) => prop_assert!(problem.status().is_client_error()),
            Ok(patch) => {
                let status = patch.apply::<Order>(&order, ValidationContext::new()).map_or_else(|error| error.into_problem().status().as_u16(), |_| 200);
                prop_assert!(status < 500);
            }
        }
    }
}
