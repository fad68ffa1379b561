//! A 405 without the supported methods: `Problem::method_not_allowed(&Allow)` takes them.

use buttress::Problem;
use buttress::problem::catalogue;

fn refuse() -> Problem {
    Problem::of(catalogue::METHOD_NOT_ALLOWED)
}

fn main() {
    refuse();
}
