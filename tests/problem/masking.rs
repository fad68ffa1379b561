//! A server error shows the client nothing, and logs everything once.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};

use buttress::Problem;
use buttress::handler::{IntoResponse, service};
use buttress::problem::envelope::{Aip193, JsonApi, Rfc9457};
use buttress::problem::{Envelope, ErrorStatus, ProblemDetails};
use buttress::violation::{At, Violation};
use futures_util::FutureExt;
use serde_json::Value;
use tower::ServiceExt;
use tracing_subscriber::fmt::MakeWriter;

use crate::body_of;

const SECRET: &str = "hunter2";

/// Three errors deep; the middle one prints its source as part of itself, as many do.
#[derive(Debug)]
struct Failure {
    level: u8,
    source: Option<Box<Failure>>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            0 => f.write_str("cannot place the order"),
            1 => write!(f, "cannot reach the database: {}", self.source.as_ref().unwrap()),
            _ => write!(f, "password {SECRET} refused"),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

fn failing() -> Problem {
    let chain = (0..3).rev().fold(None, |source, level| Some(Box::new(Failure { level, source }))).unwrap();
    Problem::new(ErrorStatus::INTERNAL_SERVER_ERROR, "broken", "Broken")
        .with_detail(format!("the password is {SECRET}"))
        .with_member("password", SECRET)
        .with_violations(Violation::at(&At::body().member(SECRET), "password", SECRET).with_param("was", SECRET))
        .caused_by(*chain)
}

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Sink {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// The events that a real subscriber writes while a closure runs.
pub(crate) fn logged(what: impl FnOnce()) -> Vec<Value> {
    let sink = Sink::default();
    let subscriber =
        tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE).with_writer(sink.clone()).finish();
    tracing::subscriber::with_default(subscriber, what);
    let bytes = sink.0.lock().unwrap();
    std::str::from_utf8(&bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn no_envelope_leaks() {
    let problem = failing();
    let envelopes: [&dyn Envelope; 3] = [&Rfc9457, &JsonApi, &Aip193::new("shop.example")];
    for envelope in envelopes {
        let bytes = ProblemDetails::new(&problem).with_request_id("0198").render(envelope);
        let text = std::str::from_utf8(&bytes).unwrap();
        assert!(!text.contains(SECRET) && text.contains("0198"), "{text}");
    }
    let occurrence = ProblemDetails::new(&problem);
    assert!(occurrence.detail().is_none() && occurrence.members().is_empty() && occurrence.violations().is_empty());
    assert!(!format!("{occurrence:?} {problem}").contains(SECRET));
    let response = problem.into_response();
    assert!(!format!("{:?} {:?}", response.headers(), response.body()).contains(SECRET));
    assert_eq!(body_of(response), r#"{"title":"Broken","status":500,"code":"broken"}"#);
}

#[test]
fn the_log_gets_the_whole_chain_once_with_the_id() {
    let problem = failing();
    let events = logged(|| {
        problem.report(Some("0198"));
        problem.clone().report(Some("0198"));
        problem.clone().with_detail("changed").report(Some("0198"));
        body_of(problem.into_response());
    });
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((&event["level"], &event["fields"]["request_id"]), (&"ERROR".into(), &"0198".into()));
    assert_eq!(event["target"], "buttress::problem");
    assert_eq!((&event["fields"]["status"], &event["fields"]["code"]), (&500.into(), &"broken".into()));
    assert_eq!(event["fields"]["detail"], format!("the password is {SECRET}"));
    assert_eq!(
        event["fields"]["error"],
        format!("cannot place the order: cannot reach the database: password {SECRET} refused")
    );
}

#[test]
fn a_problem_that_no_layer_took_reports_itself_when_it_is_sent() {
    let response = failing().into_response();
    assert_eq!(logged(|| drop(body_of(response))).len(), 1);
}

/// For a HEAD, a client that left, or a middleware that answers differently, the body is never polled.
#[test]
fn a_problem_whose_body_nobody_wants_is_still_in_the_log() {
    assert_eq!(logged(|| drop(failing().into_response())).len(), 1);
    assert_eq!(logged(|| drop(failing().into_response().map(drop))).len(), 1);
    let head = || http::Request::head("/").body(String::new()).unwrap();
    let handler = service(async || Err::<(), _>(failing()), ());
    assert_eq!(logged(|| drop(handler.oneshot(head()).now_or_never())).len(), 1);

    let changed = logged(|| {
        let mut response = failing().into_response();
        let problem = response.extensions_mut().remove::<Problem>().unwrap();
        drop((problem.with_detail("changed").into_response(), response));
    });
    assert_eq!(changed.len(), 1, "{changed:?}");
    let told = logged(|| {
        let response = failing().into_response();
        response.extensions().get::<Problem>().unwrap().clone().report(Some("0198"));
    });
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(logged(|| drop(failing())).is_empty(), "it never became an answer");
}

/// One failure may answer many requests that wait for the same work: the log has the id of each.
#[test]
fn a_problem_that_several_requests_share_is_told_for_each() {
    let shared = failing();
    let events = logged(|| {
        for id in ["0198", "0199", "0199"] {
            let response = shared.clone().into_response();
            response.extensions().get::<Problem>().unwrap().report(Some(id));
            body_of(response);
        }
    });
    let ids: Vec<_> = events.iter().map(|event| event["fields"]["request_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["0198", "0199"]);
}

#[test]
fn a_refusal_is_worth_a_debug_event_without_what_was_sent() {
    let problem =
        Problem::not_found().with_detail(SECRET).with_member("member", SECRET).caused_by(io::Error::other(SECRET));
    let events = logged(|| problem.report(Some("0198")));
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((&event["level"], &event["fields"]["code"]), (&"DEBUG".into(), &"not-found".into()));
    assert!(!event.to_string().contains(SECRET));
}

#[test]
fn what_has_no_reason_gives_none() {
    let bare = Problem::new(ErrorStatus::SERVICE_UNAVAILABLE, "closed", "Closed");
    let events = logged(|| bare.report(Some("0198")));
    let [event] = events.as_slice() else { panic!("{events:?}") };
    let fields = event["fields"].as_object().unwrap();
    assert!(!fields.contains_key("error") && !fields.contains_key("detail"), "{event}");
}

/// A status that an existing contract demands shows no more than the fault did, and does not hide the fault from the
/// operator.
#[test]
fn a_fault_under_another_status_stays_masked_and_an_error_in_the_log() {
    let mapped = failing().with_status(ErrorStatus::UNPROCESSABLE_ENTITY);
    let response = mapped.clone().into_response();
    assert_eq!(response.status(), 422);
    let events = logged(|| assert_eq!(body_of(response), r#"{"title":"Broken","status":422,"code":"broken"}"#));
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((&event["level"], &event["fields"]["status"]), (&"ERROR".into(), &422.into()));
    assert!(event["fields"]["error"].as_str().unwrap().contains("cannot reach the database"), "{event}");
}
