use buttress::Problem;

#[derive(Debug, thiserror::Error, Problem)]
#[problem(status = 409)]
enum ShopError {
    #[error("camel")]
    #[problem(code = "OutOfStock")]
    Camel,
    #[error("snake")]
    #[problem(code = "out_of_stock")]
    Snake,
    #[error("hyphens")]
    #[problem(code = "out--of-stock-")]
    Hyphens,
    #[error("empty")]
    #[problem(code = "", title = " ")]
    Empty,
}

fn main() {}
