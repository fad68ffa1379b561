use buttress::Problem;

#[derive(Debug, thiserror::Error, Problem)]
enum ShopError {
    #[error("fine")]
    #[problem(status = 200)]
    Fine,
    #[error("far away")]
    #[problem(status = 308)]
    Moved,
    #[error("what")]
    #[problem(status = 40400)]
    What,
    #[error("text")]
    #[problem(status = "409")]
    Text,
    #[error("name")]
    #[problem(status = StatusCode::CONFLICT, code = "conflict")]
    Name,
    #[error("bare")]
    #[problem(status)]
    Bare,
}

fn main() {}
