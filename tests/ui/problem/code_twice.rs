use buttress::Problem;

#[derive(Debug, thiserror::Error, Problem)]
enum ShopError {
    #[error("sold")]
    #[problem(status = 409, code = "out-of-stock")]
    Sold,
    #[error("never had it")]
    #[problem(status = 404, code = "out-of-stock")]
    NeverHadIt,
    #[error("by default")]
    #[problem(status = 409, title = "Sold out")]
    OutOfStock,
}

fn main() {}
