use std::sync::Barrier;
use std::thread;

/// How often to repeat something: as given, and 20 times as often if `BUTTRESS_SOAK` is set.
pub fn rounds(usual: usize) -> usize {
    if std::env::var_os("BUTTRESS_SOAK").is_some_and(|value| value != "0") { usual * 20 } else { usual }
}

/// Runs the work in `n` threads that all start at the same moment.
pub fn in_parallel<T: Send>(n: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (barrier, work) = (Barrier::new(n), &work);
    thread::scope(|scope| {
        let barrier = &barrier;
        let started: Vec<_> = (0..n)
            .map(|i| {
                scope.spawn(move || {
                    barrier.wait();
                    work(i)
                })
            })
            .collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
