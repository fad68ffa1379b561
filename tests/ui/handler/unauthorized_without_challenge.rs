use buttress::Problem;
use buttress::problem::{ErrorStatus, ProblemType};

const NO_TOKEN: ProblemType = ProblemType::new(ErrorStatus::UNAUTHORIZED, "no-token", "No token");
const WRONG_TOKEN: ProblemType = ProblemType::unauthorized("wrong-token", "Wrong token");

fn main() {
    let _ = Problem::unauthorized();
    let _ = Problem::method_not_allowed();
}
