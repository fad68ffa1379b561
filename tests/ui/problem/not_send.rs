use std::rc::Rc;

use buttress::Problem;

#[derive(Debug, thiserror::Error, Problem)]
#[error("out of stock")]
#[problem(status = 409)]
struct OutOfStock(Rc<str>);

fn main() {}
