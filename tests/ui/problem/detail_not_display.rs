use buttress::Problem;

#[derive(Debug)]
struct Sku(String);

#[derive(Debug, thiserror::Error, Problem)]
#[error("out of stock")]
#[problem(status = 409, detail = "{sku} is out of stock")]
struct OutOfStock {
    sku: Sku,
}

fn main() {}
