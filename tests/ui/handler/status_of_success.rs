use buttress::Problem;
use buttress::problem::{ErrorStatus, ProblemType};
use http::StatusCode;

const FINE: ProblemType = ProblemType::new(StatusCode::OK, "fine", "Fine");

fn main() {
    let _ = Problem::new(ErrorStatus::OK, "fine", "Fine");
}
