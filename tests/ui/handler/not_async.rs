use buttress::handler::unboxed;

fn order() -> &'static str {
    "done"
}

fn main() {
    let _ = unboxed::<_, _, _, String>(order, ());
}
