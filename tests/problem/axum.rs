//! Errors in axum's own handlers: the derive is enough.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use buttress::Problem;
use http::Request;
use tower::ServiceExt;

#[derive(Debug, thiserror::Error, Problem)]
enum ShopError<T>
where
    T: std::fmt::Debug,
{
    #[error("out of stock")]
    #[problem(status = 409)]
    OutOfStock {
        #[problem(member)]
        left: T,
    },
    #[error("no token")]
    #[problem(status = 401, challenge = "Bearer")]
    NoToken,
}

async fn order() -> Result<&'static str, ShopError<u32>> {
    Err(ShopError::OutOfStock { left: 3 })
}

async fn admin() -> Result<&'static str, ShopError<u32>> {
    Err(ShopError::NoToken)
}

#[tokio::test]
async fn a_derived_error_is_a_response_of_axum() {
    let app: Router = Router::new().route("/order", get(order)).route("/admin", get(admin));
    let answer = |path: &str| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap());

    let refused = answer("/order").await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["content-type"]),
        (409, &"application/problem+json".parse().unwrap())
    );
    assert!(refused.extensions().get::<Problem>().unwrap().error::<ShopError<u32>>().is_some());
    let body = axum::body::to_bytes(refused.into_body(), 1_024).await.unwrap();
    assert_eq!(body, r#"{"title":"Out of stock","status":409,"code":"out-of-stock","left":3}"#);
    assert_eq!(answer("/admin").await.unwrap().headers()["www-authenticate"], "Bearer");
}
