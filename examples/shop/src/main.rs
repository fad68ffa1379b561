//! A shop that serves orders.

fn main() {}
