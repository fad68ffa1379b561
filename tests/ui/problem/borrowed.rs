use buttress::Problem;

#[derive(Debug, thiserror::Error, Problem)]
#[error("out of stock")]
#[problem(status = 409)]
struct OutOfStock<'a> {
    sku: &'a str,
}

fn main() {}
