use buttress::Problem;

#[derive(Debug, thiserror::Error, Problem)]
enum ShopError {
    #[error("out of stock")]
    OutOfStock,
    #[error("gone")]
    #[problem(status = 410)]
    Gone,
    #[error("not found")]
    #[problem(code = "no-such-order")]
    NotFound { id: u64 },
}

fn main() {}
