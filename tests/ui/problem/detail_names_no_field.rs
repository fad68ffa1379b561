use buttress::Problem;

#[derive(Debug, thiserror::Error, Problem)]
#[problem(status = 409)]
enum ShopError {
    #[error("close")]
    #[problem(detail = "only {lef} left")]
    Close { left: u32, sku: String },
    #[error("position")]
    #[problem(detail = "only {1} left")]
    Position(u32),
    #[error("nothing")]
    #[problem(detail = "only {left} left")]
    Nothing,
    #[error("no name")]
    #[problem(detail = "only {} left")]
    NoName { left: u32 },
    #[error("brace")]
    #[problem(detail = "only {left left")]
    Brace { left: u32 },
    #[error("width")]
    #[problem(detail = "only {left:width$} left")]
    Width { left: u32, width: usize },
    #[error("empty")]
    #[problem(detail = "")]
    Empty,
}

fn main() {}
