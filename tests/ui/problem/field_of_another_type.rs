use buttress::Problem;

#[derive(Debug, thiserror::Error, Problem)]
#[error("busy")]
#[problem(status = 401, challenge = "Bearer")]
struct Busy {
    #[problem(retry_after)]
    seconds: u64,
    #[problem(violations)]
    found: Vec<String>,
    #[problem(challenge)]
    challenge: String,
}

fn main() {}
