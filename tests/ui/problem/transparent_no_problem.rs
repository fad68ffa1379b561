use buttress::Problem;

#[derive(Debug, thiserror::Error)]
#[error("not a problem")]
struct Inner;

#[derive(Debug, thiserror::Error, Problem)]
enum Service {
    #[error("inner")]
    #[problem(transparent)]
    Inner(#[from] Inner),
}

fn main() {}
