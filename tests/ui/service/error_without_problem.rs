use buttress::exchange::service;

#[derive(Debug)]
struct OutOfStock;

async fn create() -> Result<(), OutOfStock> {
    Err(OutOfStock)
}

fn main() {
    let _ = service(create, ());
}
