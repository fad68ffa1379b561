use buttress::Problem;

#[derive(Debug, thiserror::Error, Problem)]
enum Service {
    #[error("two")]
    #[problem(transparent)]
    Two(Problem, u32),
    #[error("with a status")]
    #[problem(transparent, status = 409)]
    WithStatus(Problem),
    #[error("with a member")]
    #[problem(transparent)]
    WithMember(#[problem(member = "inner")] Problem),
    #[error("unlisted")]
    #[problem(status = 409, unlisted)]
    Unlisted,
}

fn main() {}
