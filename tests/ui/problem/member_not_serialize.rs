use buttress::Problem;

#[derive(Debug)]
struct Sku(String);

#[derive(Debug, thiserror::Error, Problem)]
#[error("out of stock")]
#[problem(status = 409)]
struct OutOfStock {
    #[problem(member)]
    sku: Sku,
}

fn main() {}
