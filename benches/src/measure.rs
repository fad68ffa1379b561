//! The three figures: instructions, allocations, nanoseconds.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Counts every allocation and reallocation of the process.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator unchanged; the counter next to it changes no other memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's contract is the system allocator's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The function in which callgrind counts: it must stay one function of this name.
#[inline(never)]
pub fn run(work: &mut dyn FnMut(), times: u32) {
    for _ in 0..times {
        work();
    }
}

/// Prints `NANOSECONDS ALLOCATIONS` for one run of the work.
pub fn time_and_allocations(work: &mut dyn FnMut()) {
    const BATCH: u32 = 500;
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    run(work, BATCH);
    let allocations = (ALLOCATIONS.load(Ordering::Relaxed) - before) as f64 / f64::from(BATCH);
    let nanoseconds = (0..60)
        .map(|_| {
            let start = Instant::now();
            run(work, BATCH);
            start.elapsed().as_nanos() as f64 / f64::from(BATCH)
        })
        .fold(f64::INFINITY, f64::min);
    println!("{nanoseconds} {allocations}");
}
