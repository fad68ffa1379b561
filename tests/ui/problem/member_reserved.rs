use buttress::Problem;

#[derive(Debug, thiserror::Error, Problem)]
#[problem(status = 409)]
enum ShopError {
    #[error("reserved")]
    Reserved {
        #[problem(member)]
        code: String,
        #[problem(member = "request_id")]
        id: String,
    },
    #[error("names")]
    Names(#[problem(member)] u32, #[problem(member = "left-over")] u32),
    #[error("twice")]
    Twice {
        #[problem(member)]
        left: u32,
        #[problem(member = "left")]
        right: u32,
    },
}

fn main() {}
