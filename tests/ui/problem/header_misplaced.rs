use std::time::Duration;

use buttress::Problem;

#[derive(Debug, thiserror::Error, Problem)]
enum Refused {
    #[error("a challenge for a conflict")]
    #[problem(status = 409, challenge = "Bearer")]
    Conflict,
    #[error("no methods")]
    #[problem(status = 405, allow = "GET HEAD")]
    Method,
    #[error("no scheme")]
    #[problem(status = 401, challenge = "")]
    NoScheme,
    #[error("headers")]
    #[problem(status = 429)]
    Headers {
        #[problem(header = "Content-Type")]
        upper: &'static str,
        #[problem(header = "content-type")]
        not_ours: &'static str,
        #[problem(header = "retry-after")]
        own_key: Duration,
        #[problem(allow)]
        allow: buttress::problem::Allow,
    },
}

fn main() {}
