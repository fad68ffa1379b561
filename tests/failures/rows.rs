//! The rows of the table.

use std::iter;

use crate::server::Framework;

/// The most bytes that a body may have.
pub(crate) const BODY_LIMIT: usize = 4096;

/// Markers that clients send in every possible place: none of them may come back, or be logged.
pub(crate) const MARKERS: [&str; 5] = ["sent-in-query", "sent-in-header", "sent-as-token", "sent-in-body", PANIC];

/// Texts that the handlers give to the log only.
pub(crate) const SECRETS: [&str; 3] = [INTERNAL, "stripe", "Stripe"];

pub(crate) const PANIC: &str = "said-in-panic";
pub(crate) const INTERNAL: &str = "said-in-error";

/// One failure and the response that the client must get.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) request: Request,
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) errors: &'static [(&'static str, &'static str)],
    /// Whether the connection ends on HTTP/1, because the rest of the body is not read.
    pub(crate) closes: bool,
    pub(crate) on: Option<Framework>,
}

#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    path: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    pub(crate) content: Content,
}

#[derive(Clone)]
pub(crate) enum Content {
    None,
    Whole(Vec<u8>),
    Chunks(Vec<Vec<u8>>),
    /// A beginning, and then silence.
    Stalled(Vec<u8>),
}

impl Request {
    pub(crate) fn with_method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    pub(crate) fn with_headers(mut self, headers: &[(&'static str, &'static str)]) -> Self {
        self.headers.extend_from_slice(headers);
        self
    }

    fn of(mut self, content: Content) -> Self {
        self.content = content;
        self
    }

    pub(crate) fn path(&self) -> &str {
        self.path.split('?').next().unwrap()
    }

    /// Every request has a marker in its query.
    pub(crate) fn target(&self) -> String {
        format!("{}{}sent-in-query", self.path, if self.path.contains('?') { "&" } else { "?" })
    }

    /// Every request has markers in its headers.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let markers =
            [("x-note", "sent-in-header"), ("cookie", "c=sent-in-header"), ("authorization", "Bearer sent-as-token")];
        self.headers.iter().copied().chain(markers)
    }
}

pub(crate) const fn get(path: &'static str) -> Request {
    Request { method: "GET", path, headers: Vec::new(), content: Content::None }
}

fn post(path: &'static str, content: Content) -> Request {
    get(path).with_method("POST").of(content).with_headers(&[("content-type", "application/json")])
}

fn order(body: impl Into<Vec<u8>>) -> Request {
    post("/orders", Content::Whole(body.into()))
}

const fn row(name: &'static str, request: Request, status: u16, code: &'static str) -> Row {
    Row { name, request, status, code, headers: &[], errors: &[], closes: false, on: None }
}

impl Row {
    const fn headers(mut self, headers: &'static [(&'static str, &'static str)]) -> Self {
        self.headers = headers;
        self
    }

    const fn errors(mut self, errors: &'static [(&'static str, &'static str)]) -> Self {
        self.errors = errors;
        self
    }

    const fn closes(mut self) -> Self {
        self.closes = true;
        self
    }

    const fn only_on(mut self, framework: Framework) -> Self {
        self.on = Some(framework);
        self
    }
}

pub(crate) fn all() -> impl Iterator<Item = Row> {
    bodies().into_iter().chain(heads()).chain(handlers()).chain(layers())
}

fn bodies() -> Vec<Row> {
    let long = || iter::repeat_n(b'x', BODY_LIMIT + 1).collect::<Vec<_>>();
    let chunks = vec![br#"{"customer": "sent-in-body"#.to_vec(), long(), long()];
    let deep = [vec![b'['; 1000], vec![b']'; 1000]].concat();
    let untyped = get("/orders").with_method("POST").of(Content::Whole(b"{}".to_vec()));
    let text = untyped.clone().with_headers(&[("content-type", "text/plain")]);
    let utf8 = [&br#"{"customer": "sent-in-body "#[..], &[0xff, 0xfe], b"\"}"].concat();
    let form = get("/form").with_method("POST").with_headers(&[("content-type", "application/x-www-form-urlencoded")]);
    vec![
        row("JSON syntax", order(r#"{"customer": "sent-in-body",,"#), 400, "malformed-body"),
        row("no JSON at all", order("sent-in-body"), 400, "malformed-body"),
        row("an empty body", order(""), 400, "malformed-body"),
        row("bad UTF-8", order(utf8), 400, "malformed-body"),
        row("too deep", order(deep), 400, "malformed-body"),
        row("type", order(r#"{"customer": "c", "quantity": "sent-in-body"}"#), 422, "invalid-input")
            .errors(&[("#/quantity", "type")]),
        row("rule", order(r#"{"customer": "", "quantity": 1000}"#), 422, "invalid-input")
            .errors(&[("#/quantity", "range"), ("#/customer", "length")]),
        row("missing", order("{}"), 422, "invalid-input")
            .errors(&[("#/quantity", "required"), ("#/customer", "required")]),
        row("unknown", order(r#"{"customer": "c", "quantity": 1, "extra": "sent-in-body"}"#), 422, "invalid-input")
            .errors(&[("#/extra", "unknown")]),
        row(
            "duplicate",
            order(r#"{"customer": "c", "quantity": 1, "customer": "sent-in-body"}"#),
            422,
            "invalid-input",
        )
        .errors(&[("#/customer", "duplicate")]),
        row("no media type", untyped, 415, "unsupported-media-type"),
        row("another media type", text, 415, "unsupported-media-type"),
        row("too large, declared", order(long()), 413, "content-too-large").closes(),
        row("too large, chunked", post("/orders", Content::Chunks(chunks.clone())), 413, "content-too-large").closes(),
        row(
            "too large, for axum's own extractor",
            post("/native-body", Content::Chunks(chunks)),
            413,
            "content-too-large",
        )
        .closes()
        .only_on(Framework::Axum),
        row("a form's rule", form.of(Content::Whole(b"customer=&quantity=7".to_vec())), 422, "invalid-input")
            .errors(&[("#/customer", "length")]),
    ]
}

fn heads() -> Vec<Row> {
    vec![
        row("no such route", get("/nowhere"), 404, "not-found"),
        row("no such route, below a router", get("/nested/nowhere"), 404, "not-found"),
        row("another method", get("/orders").with_method("DELETE"), 405, "method-not-allowed")
            .headers(&[("allow", "POST")]),
        row("another method, below a router", get("/nested/things").with_method("PUT"), 405, "method-not-allowed")
            .headers(&[("allow", "GET,HEAD")])
            .only_on(Framework::Axum),
        row("another method, in a merged router", get("/merged").with_method("PUT"), 405, "method-not-allowed")
            .headers(&[("allow", "GET,HEAD")])
            .only_on(Framework::Axum),
        row("a query's type", get("/list?limit=many"), 422, "invalid-input").errors(&[("limit", "type")]),
        row("a query's rule", get("/list?limit=0"), 422, "invalid-input").errors(&[("limit", "range")]),
        row("a path's type", get("/items/seven"), 422, "invalid-input").errors(&[("id", "type")]),
        row("a path, for axum's own extractor", get("/native-path/seven"), 400, "bad-request").only_on(Framework::Axum),
        row("query and body at once", post("/both?limit=0", Content::Whole(b"{}".to_vec())), 422, "invalid-input")
            .errors(&[("limit", "range"), ("#/customer", "required")]),
    ]
}

fn handlers() -> Vec<Row> {
    vec![
        row("no credentials", get("/private"), 401, "unauthorized").headers(&[("www-authenticate", "Bearer")]),
        row("not acceptable", get("/not-acceptable"), 406, "not-acceptable"),
        row("an error of business", get("/conflict"), 409, "out-of-stock"),
        row("an error within", get("/internal"), 500, "internal"),
        row("a panic", get("/boom"), 500, "internal"),
        row("a panic after an await", get("/late-boom"), 500, "internal"),
        row("an error that is named in the code alone", get("/unnamed"), 503, "unavailable"),
        row("an answer that cannot be written", get("/unserialisable"), 500, "internal"),
        row("a problem that is called a success", get("/relabelled"), 409, "out-of-stock"),
        row("a foreign error in plain text", get("/foreign"), 400, "bad-request").headers(&[("retry-after", "7")]),
        row("a foreign 401 without its header", get("/foreign-401"), 401, "unauthorized")
            .headers(&[("www-authenticate", "Bearer")]),
        // Only the router knows the methods, so no `Allow` can be made up.
        row("a foreign 405 without its header", get("/foreign-405"), 405, "method-not-allowed"),
        row("a foreign error in JSON", get("/foreign-json"), 422, "invalid-input"),
        row("an answer that is none", get("/without/103/text"), 500, "internal"),
        row("a foreign 5xx", get("/foreign-502"), 502, "bad-gateway"),
        row("a bare status", get("/teapot"), 418, "client-error"),
    ]
}

fn layers() -> Vec<Row> {
    vec![row("a layer's own error", get("/layer-error"), 500, "internal")]
}

/// The failures that take a while.
pub(crate) fn slow() -> Vec<Row> {
    let begin = || Content::Stalled(br#"{"customer": "sent-in-body"#.to_vec());
    vec![
        row("a slow handler", get("/slow"), 503, "timeout"),
        row("a slow handler that does not care for the body", post("/slow", begin()), 503, "timeout"),
        row("a slow upload", post("/orders", begin()), 408, "request-timeout").closes(),
    ]
}

pub(crate) fn overloaded() -> Row {
    row("too much to do", get("/fine"), 503, "overloaded").headers(&[("retry-after", "3")])
}
