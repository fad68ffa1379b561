//! The benchmarks: groups of contestants that do the same work.

mod handler;
mod json;
mod order;
mod payload;
mod problem;
mod request;
mod shapes;
mod stack;
mod statement;
mod transaction;

use futures_util::FutureExt;
use std::future::Future;

/// Contestants that do the same work; the others are compared with the first.
pub struct Group {
    pub name: &'static str,
    pub about: &'static str,
    /// Whether the first contestant's own cost is subtracted from the others.
    pub net: bool,
    /// Whether the work waits for other threads. The number of polls then differs from run to run: of several counts,
    /// the lowest is the one with the fewest polls.
    pub waits: bool,
    pub contestants: Vec<Contestant>,
}

pub struct Contestant {
    pub name: &'static str,
    pub set_up: fn() -> Box<dyn FnMut()>,
}

/// Every group, in the order of the report.
pub fn all() -> Vec<Group> {
    let mut all = vec![stack::quiet(), stack::clone(), stack::logged(), stack::in_axum()];
    all.extend(json::groups());
    all.extend(payload::groups());
    all.extend(problem::groups());
    all.push(handler::group());
    all.extend(statement::groups());
    all.extend(transaction::groups());
    all.extend(request::groups());
    all
}

fn contestant(name: &'static str, set_up: fn() -> Box<dyn FnMut()>) -> Contestant {
    Contestant { name, set_up }
}

/// The output of a future that never has to wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing here waits")
}
