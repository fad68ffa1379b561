//! Buttress compared with hand-written floors and its peers, in one run.
//!
//! ```sh
//! scripts/bench            # everything, as the tables of BENCHMARKS.md
//! scripts/bench stack      # one group
//! ```
//!
//! Each contestant is measured in a process of its own: instructions by callgrind (repeatable on a noisy machine),
//! allocations by a counting allocator (exact), nanoseconds as the smallest of many batches (noisy: trust only gaps
//! over 25 %, or those that the instructions confirm). Only figures within one table were measured in one run.

mod groups;
mod measure;
mod report;

use std::process::ExitCode;

/// How often the measured work runs under callgrind.
const COUNTED: u32 = 100;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["--time", group, contestant] => with(group, contestant, measure::time_and_allocations),
        ["--count", group, contestant] => with(group, contestant, |work| measure::run(work, COUNTED)),
        wanted => report::print(wanted),
    }
}

/// Sets up one contestant, warms it up, and passes its work to `measure`.
fn with(group: &str, contestant: &str, measure: impl FnOnce(&mut dyn FnMut())) -> ExitCode {
    let found = groups::all().into_iter().find(|g| g.name == group);
    let Some(found) = found.and_then(|g| g.contestants.into_iter().find(|c| c.name == contestant)) else {
        eprintln!("no contestant {contestant} in {group}");
        return ExitCode::FAILURE;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let _entered = runtime.enter();
    let mut work = (found.set_up)();
    for _ in 0..50 {
        work();
    }
    measure(&mut *work);
    ExitCode::SUCCESS
}
