use buttress::Problem;

#[derive(Debug, thiserror::Error)]
#[error("out of stock")]
struct OutOfStock;

fn take() -> Result<(), OutOfStock> {
    Err(OutOfStock)
}

fn order() -> Result<(), Problem> {
    take()?;
    Ok(())
}

fn main() {}
