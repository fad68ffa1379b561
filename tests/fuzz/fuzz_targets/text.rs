//! Queries, forms, headers and paths of any bytes: read, or refused with a client error.
#![no_main]

use buttress::handler::PathParams;
use buttress::payload::{ValidationContext, read_form, read_headers, read_path, read_query};
use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;

#[derive(Debug, Deserialize, buttress::Payload)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[allow(dead_code)]
struct Filter {
    #[serde(default)]
    ids: Vec<u64>,
    #[validate(range(min = 1, max = 100))]
    limit: Option<u8>,
    sort: Option<Sort>,
    #[validate(length(max = 64))]
    if_match: Option<String>,
    fast: Option<bool>,
}

#[derive(Debug, Deserialize, buttress::Payload)]
#[allow(dead_code)]
struct Place {
    #[validate(range(min = 1, max = 100))]
    limit: u8,
    sort: Sort,
}

#[derive(Debug, Deserialize, buttress::Payload)]
#[serde(rename_all = "camelCase")]
enum Sort {
    Up,
    Down,
}

fn judge<T>(read: Result<T, buttress::Problem>) {
    if let Err(problem) = read {
        assert!(problem.status().is_client_error(), "{problem:?}");
        drop(problem.render());
    }
}

fuzz_target!(|body: &[u8]| {
    judge(read_form::<Filter>(body, ValidationContext::new()));
    judge(read_headers::<Filter>(&headers(body), ValidationContext::new()));
    if let Ok(text) = std::str::from_utf8(body) {
        judge(read_query::<Filter>(text, ValidationContext::new()));
        // Types that fit their route: a type that does not fit is the service's mistake.
        let (limit, sort) = text.split_once('/').unwrap_or((text, ""));
        judge(read_path::<u8>(&PathParams::from_iter([("limit", text)]), ValidationContext::new()));
        let params = PathParams::from_iter([("limit", limit), ("sort", sort)]);
        judge(read_path::<(u64, Sort)>(&params, ValidationContext::new()));
        judge(read_path::<Place>(&params, ValidationContext::new()));
    }
});

fn headers(bytes: &[u8]) -> HeaderMap {
    let lines = bytes.split(|b| *b == b'\n').filter_map(|line| {
        let at = line.iter().position(|b| *b == b':')?;
        let (name, value) = line.split_at(at);
        Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(&value[1..]).ok()?))
    });
    lines.collect()
}
