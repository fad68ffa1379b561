use std::rc::Rc;

use buttress::handler::unboxed;

async fn order() -> String {
    let shared = Rc::new("done");
    std::future::ready(()).await;
    shared.to_string()
}

fn main() {
    let _ = unboxed::<_, _, _, String>(order, ());
}
