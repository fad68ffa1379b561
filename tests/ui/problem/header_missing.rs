use buttress::Problem;
use buttress::problem::Challenge;

#[derive(Debug, thiserror::Error, Problem)]
enum Refused {
    #[error("401")]
    #[problem(status = 401)]
    NoToken,
    #[error("405")]
    #[problem(status = 405)]
    Method,
    #[error("407")]
    #[problem(status = 407, allow = "GET")]
    Proxy,
    #[error("426")]
    #[problem(status = 426)]
    Old,
    #[error("may be missing")]
    #[problem(status = 401)]
    Perhaps(#[problem(challenge)] Option<Challenge>),
}

fn main() {}
