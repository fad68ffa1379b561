struct Orders;

impl Orders {
    #[buttress::handler]
    async fn create(&self) {}
}

fn main() {}
