use std::future::Future;

/// An `async` closure or function of one argument whose future can be named, and hence be `Send`.
///
/// Implemented for every such closure or function. It describes `async |tx| …` to
/// [`Store::transaction`](super::Store::transaction); it is not meant to be implemented or called by hand.
#[diagnostic::on_unimplemented(
    message = "this is not the work of a transaction",
    label = "expected `async |tx| {{ … }}` that gives a `Result`",
    note = "write `async |tx| {{ … Ok(value) }}`; what it captures must be `Send`, and for `transaction` it must be `Clone`, since the work may run again: borrow what is expensive, or use `transaction_once`"
)]
pub trait Work<T, R>: AsyncFnOnce(T) -> R + FnOnce(T) -> Self::Fut {
    /// The future of the work.
    type Fut: Future<Output = R>;
}

// Without this, the compiler would report the bounds of the implementation instead of `Work`.
#[diagnostic::do_not_recommend]
impl<F, T, Fut, R> Work<T, R> for F
where
    F: AsyncFnOnce(T) -> R + FnOnce(T) -> Fut,
    Fut: Future<Output = R>,
{
    type Fut = Fut;
}
