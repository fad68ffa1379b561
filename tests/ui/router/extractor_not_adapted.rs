use buttress::Problem;
use buttress::handler::FromRequestParts;
use http::request::Parts;

struct Tenant;

impl<S: Sync> FromRequestParts<S> for Tenant {
    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Tenant)
    }
}

#[buttress::handler(axum)]
async fn create(_: Tenant, _: http::Method) {}

fn main() {
    let _: axum::Router = axum::Router::new().route("/orders", axum::routing::post(create));
}
