use buttress::Problem;

#[derive(Debug, Problem)]
#[problem(status = 409)]
struct OutOfStock;

fn main() {}
