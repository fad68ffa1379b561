//! The cases that are known to be hard. Each case also states its result, so that both versions cannot be wrong
//! together.

use buttress::store::Memory;
use http::Request;

use crate::run::{PATIENT, Patience, same};
use crate::script::{Act, Failure, OnFailure, Piece, Pieces, Ready, Script};
use crate::setting::Setting;

fn ok(body: Pieces) -> Act {
    Act::Answer { status: 200, headers: vec![("content-type", "text/plain")], body, route: true }
}

fn get() -> Request<Pieces> {
    Request::get("/v1/orders?token=secret").header("x-request-id", "the-id").body(Pieces::default().sized()).unwrap()
}

fn post(body: Pieces) -> Request<Pieces> {
    Request::post("/v1/orders").header("x-request-id", "the-id").body(body).unwrap()
}

async fn expect(script: Script, request: Request<Pieces>, patience: Patience, expected: &[&str]) -> String {
    let seen = same(&Setting::default(), &script, &request, patience).await;
    for text in expected {
        assert!(seen.contains(text), "{text} is missing in {seen}");
    }
    assert_eq!(seen.matches("latency_us").count(), 1, "{seen}");
    assert!(!seen.contains("closed: false") && !seen.contains("token=secret"), "{seen}");
    seen
}

#[tokio::test(start_paused = true)]
async fn answers_pass() {
    let text = Pieces::of(&[Piece::Data("hello")]);
    let stream = Pieces::of(&[Piece::Data("a"), Piece::Wait, Piece::Data("b"), Piece::Trailers]);
    let finished =
        ["200 OK", "x-request-id: the-id", "x-content-type-options: nosniff", "message\": \"request finished"];
    expect(Script::new(ok(text.clone().sized())), get(), PATIENT, &finished).await;
    expect(Script::new(ok(stream)), get(), PATIENT, &["trailing", "GET /v1/{thing}", "request finished"]).await;
    expect(Script::new(ok(Pieces::default().sized())), get(), PATIENT, &finished).await;
    expect(Script { waits: 3, ..Script::new(ok(text.clone())) }, get(), PATIENT, &["ready at poll 3"]).await;
    let head = Request::head("/").body(Pieces::default().sized()).unwrap();
    expect(Script::new(ok(text)), head, Patience { polls: 9, frames: 0 }, &["request finished"]).await;
    let not_modified =
        Act::Answer { status: 304, headers: vec![("etag", "\"1\"")], body: Pieces::default(), route: false };
    expect(Script::new(not_modified), get(), Patience { polls: 9, frames: 0 }, &["304", "etag", "request finished"])
        .await;
}

#[tokio::test(start_paused = true)]
async fn failures_are_one_problem() {
    let foreign = |status| {
        let headers =
            vec![("content-type", "text/html"), ("etag", "\"1\""), ("set-cookie", "a=b"), ("content-length", "4")];
        Script::new(Act::Answer { status, headers, body: Pieces::of(&[Piece::Data("<b/>")]), route: false })
    };
    for status in [404, 405, 416, 500] {
        expect(
            foreign(status),
            get(),
            PATIENT,
            &["application/problem+json", "set-cookie: a=b", "cache-control: no-store"],
        )
        .await;
    }
    expect(Script::new(Act::Problem(401)), get(), PATIENT, &["www-authenticate: Bearer"]).await;
    expect(Script::new(Act::Problem(404)), get(), PATIENT, &["no such thing"]).await;
    let masked = expect(Script::new(Act::Problem(500)), get(), PATIENT, &["the cause of it", "Level(Error)"]).await;
    assert!(!masked.contains("\\\"detail\\\":\\\"inside"));
    let head = Request::head("/").body(Pieces::default().sized()).unwrap();
    expect(Script::new(Act::Problem(404)), head, PATIENT, &["content-length: "]).await;
    let error = |failure| Script::new(Act::Error(failure));
    expect(error(Failure::Plain), get(), PATIENT, &["500", "a plain error"]).await;
    expect(error(Failure::Problem), get(), PATIENT, &["404"]).await;
    expect(error(Failure::Overloaded), get(), PATIENT, &["503", "retry-after: 1"]).await;
    expect(error(Failure::Elapsed), get(), PATIENT, &["503"]).await;
}

#[tokio::test(start_paused = true)]
async fn panics_stay_inside() {
    for act in [Act::PanicInCall, Act::PanicInPoll] {
        for waits in 0..2 {
            expect(
                Script { waits, ..Script::new(act.clone()) },
                get(),
                PATIENT,
                &["500", "request finished", "\"error.type\": \"500\""],
            )
            .await;
        }
    }
    let in_body = ok(Pieces::of(&[Piece::Data("a"), Piece::Panic]));
    expect(Script::new(in_body), get(), PATIENT, &["Panicked", "response body was cut", "response_body"]).await;
    expect(Script::new(ok(Pieces::of(&[Piece::Error]))), get(), PATIENT, &["a body that fails", "response_body"]).await;
    // It panics when it is dropped at the deadline; that is caught as well.
    expect(Script::new(Act::PanicInDrop), get(), PATIENT, &["500", "ready at poll 10"]).await;
    expect(Script { ready: Ready::Panic, ..Script::new(Act::Never) }, get(), PATIENT, &["500"]).await;
    expect(Script { ready: Ready::Error, ..Script::new(Act::Never) }, get(), PATIENT, &["500", "not ready, ever"])
        .await;
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_ends() {
    expect(Script::new(Act::Never), get(), PATIENT, &["503", "ready at poll 10", "timeout"]).await;
    let stuck = Pieces::of(&[Piece::Wait; 50]);
    for on_failure in [OnFailure::Answer, OnFailure::Return, OnFailure::Hide] {
        let read = Script::new(Act::Read(on_failure));
        expect(read.clone(), post(stuck.clone()), PATIENT, &["408", "connection: close"]).await;
        let setting = Setting { read_limit: Some(2), ..Setting::default() };
        let seen = same(&setting, &read, &post(stuck.clone()), PATIENT).await;
        assert!(seen.contains("408"), "{seen}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_is_refused() {
    let large = Pieces::of(&[Piece::Data("seven__"), Piece::Wait, Piece::Data("seven__")]);
    let declared = Request::post("/").header("content-length", "14").body(large.clone()).unwrap();
    expect(Script::new(Act::Read(OnFailure::Answer)), declared, PATIENT, &["413", "connection: close"]).await;
    expect(
        Script::new(Act::Read(OnFailure::Answer)),
        post(large.clone().sized()),
        PATIENT,
        &["413", "connection: close"],
    )
    .await;
    expect(Script::new(Act::Read(OnFailure::Answer)), post(large.clone()), PATIENT, &["413", "connection: close"])
        .await;
    expect(Script::new(Act::Read(OnFailure::Return)), post(large), PATIENT, &["413"]).await;
    expect(
        Script::new(Act::Read(OnFailure::Answer)),
        post(Pieces::of(&[Piece::Data("ten_bytes_")])),
        PATIENT,
        &["10 bytes"],
    )
    .await;
    for piece in [Piece::Error, Piece::Panic] {
        expect(Script::new(Act::Read(OnFailure::Answer)), post(Pieces::of(&[piece])), PATIENT, &["x-request-id"]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_breaks_off_closes_the_connection_only_inside_a_limit() {
    let body = || Pieces::of(&[Piece::Error]);
    for (timeout, body_limit) in [(None, None), (Some(10), None), (None, Some(10)), (Some(10), Some(10))] {
        let setting = Setting { timeout, body_limit, ..Setting::default() };
        let seen = same(&setting, &Script::new(Act::Read(OnFailure::Answer)), &post(body()), PATIENT).await;
        let is_limited = timeout.is_some() || body_limit.is_some();
        assert_eq!(
            (seen.contains("incomplete-body"), seen.contains("connection: close")),
            (true, is_limited),
            "{seen}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn clients_leave_at_any_time() {
    let stream = ok(Pieces::of(&[Piece::Data("a"), Piece::Wait, Piece::Data("b"), Piece::Trailers]));
    for polls in 0..5 {
        let seen =
            expect(Script { waits: 3, ..Script::new(stream.clone()) }, get(), Patience { polls, frames: 0 }, &[]).await;
        assert!(seen.contains("client left before the end"), "{seen}");
    }
    for frames in 0..4 {
        let seen = expect(Script::new(stream.clone()), get(), Patience { polls: 9, frames }, &[]).await;
        assert!(seen.contains("client left before the end"), "{seen}");
    }
}

/// The commit comes before the head of the answer; a client that leaves earlier finds nothing.
#[tokio::test(start_paused = true)]
async fn a_success_is_committed_and_an_error_is_not() {
    for (status, polls, kept) in [(201, 100, 2), (409, 100, 0), (201, 0, 0)] {
        let memory = Memory::new(Vec::new());
        let setting = Setting { transactions: Some(memory.clone()), ..Setting::default() };
        let seen = same(&setting, &Script::new(Act::Write(status)), &get(), Patience { polls, frames: 9 }).await;
        assert_eq!(*memory.committed(), vec![status; kept], "{seen}");
        assert_eq!(seen.contains("\"outcome\": \"committed\""), kept > 0, "{seen}");
    }
}

#[tokio::test(start_paused = true)]
async fn statements_are_counted_however_the_request_ends() {
    let counted = "\"db.queries\": \"0\"";
    for act in [ok(Pieces::default()), Act::PanicInCall, Act::PanicInPoll, Act::Never, Act::Error(Failure::Plain)] {
        expect(Script::new(act), get(), PATIENT, &[counted]).await;
    }
    expect(Script::new(Act::Never), get(), Patience { polls: 3, frames: 0 }, &[counted, "client left"]).await;
    let refused = Request::post("/").header("content-length", "14").body(Pieces::default()).unwrap();
    let seen = expect(Script::new(Act::Never), refused, PATIENT, &["413"]).await;
    assert!(!seen.contains(counted), "the handler was not called: {seen}");
}

#[tokio::test]
async fn axum_takes_it_as_one_layer() {
    use tower::ServiceExt;
    let app = axum::Router::new()
        .route("/v1/orders/{id}", axum::routing::post(async |body: String| body))
        .layer(buttress::stack::Stack::new().concurrency(9));
    for (path, status) in [("/v1/orders/7", 200), ("/v1/nothing", 404)] {
        let request = Request::post(path).body(axum::body::Body::from("hello")).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!((response.status().as_u16(), response.headers()["x-request-id"].len()), (status, 36));
    }
}
