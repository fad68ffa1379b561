use buttress::Payload;

#[derive(Payload)]
struct Order {
    customer: String,
}

fn main() {}
