use buttress::handler::unboxed;

struct Pool;

fn main() {
    let pool = Pool;
    let order = move || {
        let pool = &pool;
        let _ = pool;
        async { "done" }
    };
    let _ = unboxed::<_, _, _, String>(order, ());
}
