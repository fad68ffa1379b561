use buttress::Problem;

#[derive(Problem)]
union OutOfStock {
    left: u32,
}

fn main() {}
