use buttress::Problem;

#[derive(Debug, thiserror::Error, Problem)]
#[problem(status = 409, type_base = "https://shop.example/problems")]
enum ShopError {
    #[error("space")]
    #[problem(type_base = "https://shop.example/all problems/")]
    Space,
    #[error("braces")]
    #[problem(title = "Only {left} left")]
    Title { left: u32 },
}

fn main() {}
