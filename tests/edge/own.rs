//! Custom extractors, errors and responses: with one line each, or a derive, they work in both servers.

use buttress::extract::RawBody;
use buttress::handler::{FromRequest, FromRequestParts, IntoResponse, PathParams, RequestBody, Response};
use buttress::problem::{Catalogue, ErrorStatus, IntoProblem, ProblemType};
use buttress::{Json, Problem};
use http::Request;
use http::request::Parts;

use super::{everywhere, everywhere_bare};

pub(crate) struct Language(String);

impl<S: Sync> FromRequestParts<S> for Language {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        assert!(parts.extensions.get::<PathParams>().is_none_or(|params| params.iter().len() == 0));
        let header = parts.headers.get("accept-language").and_then(|value| value.to_str().ok());
        Ok(Self(header.unwrap_or("en").to_owned()))
    }
}
buttress::adapt_parts!(Language);

/// A generic extractor of the whole request.
pub(crate) struct Signed<T>(T);

impl<S: Sync, B: RequestBody, T: From<Vec<u8>>> FromRequest<S, B> for Signed<T> {
    async fn from_request(request: Request<B>, state: &S) -> Result<Self, Problem> {
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        match bytes.strip_suffix(b"--signed") {
            Some(content) => Ok(Self(content.to_vec().into())),
            None => Err(Unsigned.into()),
        }
    }
}
buttress::adapt_request!([T: From<Vec<u8>>] Signed<T>);

#[derive(Debug, thiserror::Error, buttress::Problem)]
#[problem(status = 403, code = "unsigned", title = "Unsigned")]
#[error("no signature")]
pub(crate) struct Unsigned;

#[derive(Debug, thiserror::Error, buttress::Problem)]
pub(crate) enum ShopError {
    #[error("{sku} is out of stock")]
    #[problem(status = 409, code = "out-of-stock", title = "Out of stock")]
    OutOfStock { sku: &'static str },
    #[error("the password of the database is s3cret")]
    #[problem(status = 500, code = "database", title = "Database")]
    Database,
}

/// A generic error without the derive.
pub(crate) struct Wrapped<E>(E);

impl<E: IntoProblem> IntoProblem for Wrapped<E> {
    const CATALOGUE: Catalogue =
        Catalogue::new(&[ProblemType::new(ErrorStatus::CONFLICT, "wrapped", "Wrapped")], &[&E::CATALOGUE]);

    fn into_problem(self) -> Problem {
        self.0.into_problem().with_detail("wrapped")
    }
}
buttress::adapt_error!([E] Wrapped<E> where E: IntoProblem);

pub(crate) struct Greeting(&'static str);

impl IntoResponse for Greeting {
    fn into_response(self) -> Response {
        (http::StatusCode::ACCEPTED, self.0).into_response()
    }
}
buttress::adapt_response!(Greeting);

pub(crate) async fn extractor(Language(language): Language) -> String {
    language
}

pub(crate) async fn body_extractor(Language(language): Language, Signed(content): Signed<Vec<u8>>) -> String {
    format!("{language} {}", content.len())
}

pub(crate) async fn error(Language(language): Language) -> Result<Json<u32>, ShopError> {
    match language.as_str() {
        "en" => Err(ShopError::OutOfStock { sku: "MUG-001" }),
        "de" => Err(ShopError::Database),
        _ => Ok(Json(7)),
    }
}

pub(crate) async fn generic_error() -> Result<(), Wrapped<ShopError>> {
    Err(Wrapped(ShopError::OutOfStock { sku: "MUG-001" }))
}

pub(crate) async fn answer() -> Greeting {
    Greeting("hello")
}

#[tokio::test]
async fn an_extractor_of_ones_own_takes_one_line() {
    everywhere(async |edge| {
        edge.get("/own").await.is("en");
        edge.post("/own/body", "text/plain", "abc--signed").await.is("en 3");
        edge.post("/own/body", "text/plain", "abc").await.is_problem(403, "unsigned");
    })
    .await;
}

#[tokio::test]
async fn an_error_of_ones_own_takes_a_derive() {
    everywhere(async |edge| {
        edge.get("/own/error").await.is_problem(409, "out-of-stock");
        edge.get("/own/generic").await.is_problem(409, "out-of-stock");
        let masked = edge.send(http::Method::GET, "/own/error", &[("accept-language", "de")], b"").await;
        assert!(!masked.is_problem(500, "database").text().contains("s3cret"));
        edge.send(http::Method::GET, "/own/error", &[("accept-language", "fr")], b"").await.is("7");
    })
    .await;
}

#[tokio::test]
async fn no_layer_is_needed() {
    everywhere_bare(async |edge| {
        edge.get("/own/error").await.is_problem(409, "out-of-stock");
        edge.post_json("/json", "{").await.is_problem(400, "malformed-body");
    })
    .await;
}

#[tokio::test]
async fn an_answer_of_ones_own_takes_one_line() {
    everywhere(async |edge| {
        let reply = edge.get("/own/answer").await;
        assert_eq!((reply.status.as_u16(), reply.text()), (202, "hello"));
    })
    .await;
}
