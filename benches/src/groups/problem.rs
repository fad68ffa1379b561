//! Error responses: from an error value to the complete bytes of a response.

use std::hint::black_box;

use buttress::Problem;
use buttress::handler::IntoResponse;
use buttress::problem::envelope::Rfc9457;
use buttress::problem::{ErrorStatus, ProblemDetails, ProblemType};
use buttress::violation::{InputPath, Violation, Violations};
use serde::Serialize;

use super::{Contestant, Group, contestant};

const CONFLICT: ProblemType = ProblemType::new(ErrorStatus::CONFLICT, "out-of-stock", "Out of stock");
const BASE: &str = "https://shop.example/problems/";

pub fn groups() -> [Group; 2] {
    [
        Group {
            name: "problem",
            about: "A problem of status, code, title and detail, rendered; the response's extension is counted apart.",
            net: false,
            waits: false,
            contestants: vec![
                contestant("floor: serde_json::to_vec", || Box::new(|| drop(black_box(serde_json::to_vec(&floor()))))),
                contestant("peer: problem_details", || Box::new(|| drop(black_box(peer())))),
                contestant("buttress", || Box::new(|| drop(black_box(simple().render())))),
                as_a_response(),
            ],
        },
        Group {
            name: "problem with 3 errors",
            about: "The same with type, request id and three violations.",
            net: false,
            waits: false,
            contestants: vec![
                contestant("floor: serde_json::to_vec", || {
                    Box::new(|| drop(black_box(serde_json::to_vec(&floor_errors()))))
                }),
                contestant("peer: problem_details", || Box::new(|| drop(black_box(peer_errors())))),
                contestant("buttress, violations made already", || {
                    let problem = three_errors();
                    Box::new(move || drop(black_box(render(&problem))))
                }),
                contestant("buttress, from scratch", || Box::new(|| drop(black_box(render(&three_errors()))))),
            ],
        },
    ]
}

fn as_a_response() -> Contestant {
    contestant("buttress, as a response with the typed error", || {
        Box::new(|| {
            let response = simple().into_response();
            black_box(http_body::Body::size_hint(response.body()));
            drop(black_box(response));
        })
    })
}

fn simple() -> Problem {
    Problem::of(CONFLICT).with_detail("only 3 left")
}

fn three_errors() -> Problem {
    let body = InputPath::body();
    let violation = |member: &'static str| Violation::at(&body.member(member), "range", "must be between 1 and 999");
    Problem::invalid_input(Violations::from_iter([violation("quantity"), violation("price"), violation("total")]))
}

fn render(problem: &Problem) -> bytes::Bytes {
    ProblemDetails::new(problem)
        .with_type_base(BASE)
        .with_request_id("0198c4b7-7c1e-7000-8000-0123456789ab")
        .render(&Rfc9457)
}

#[derive(Serialize)]
struct Floor {
    title: &'static str,
    status: u16,
    detail: &'static str,
    code: &'static str,
}

fn floor() -> Floor {
    Floor { title: "Out of stock", status: 409, detail: "only 3 left", code: "out-of-stock" }
}

#[derive(Serialize)]
struct FloorErrors {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
    code: &'static str,
    request_id: &'static str,
    errors: Vec<FloorError>,
}

#[derive(Serialize)]
struct FloorError {
    pointer: String,
    code: &'static str,
    detail: &'static str,
}

fn errors() -> Vec<FloorError> {
    ["#/quantity", "#/price", "#/total"]
        .map(|pointer| FloorError { pointer: pointer.to_owned(), code: "range", detail: "must be between 1 and 999" })
        .into()
}

fn floor_errors() -> FloorErrors {
    FloorErrors {
        r#type: "https://shop.example/problems/invalid-input",
        title: "Invalid input",
        status: 422,
        detail: "3 fields are not acceptable",
        code: "invalid-input",
        request_id: "0198c4b7-7c1e-7000-8000-0123456789ab",
        errors: errors(),
    }
}

fn peer() -> Vec<u8> {
    #[derive(Serialize)]
    struct Ext {
        code: &'static str,
    }
    let problem = problem_details::ProblemDetails::new()
        .with_status(http::StatusCode::CONFLICT)
        .with_title("Out of stock")
        .with_detail("only 3 left")
        .with_extensions(Ext { code: "out-of-stock" });
    serde_json::to_vec(&problem).expect("serialises")
}

fn peer_errors() -> Vec<u8> {
    #[derive(Serialize)]
    struct Ext {
        code: &'static str,
        request_id: &'static str,
        errors: Vec<FloorError>,
    }
    let problem = problem_details::ProblemDetails::new()
        .with_type(http::Uri::from_static("https://shop.example/problems/invalid-input"))
        .with_status(http::StatusCode::UNPROCESSABLE_ENTITY)
        .with_title("Invalid input")
        .with_detail("3 fields are not acceptable")
        .with_extensions(Ext {
            code: "invalid-input",
            request_id: "0198c4b7-7c1e-7000-8000-0123456789ab",
            errors: errors(),
        });
    serde_json::to_vec(&problem).expect("serialises")
}
