use std::future::Future;

/// An async function of at most 12 arguments.
///
/// The trait says nothing about the types of the arguments or of the output: they are checked separately, so that the
/// compiler can name the one that is wrong.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an async function that can be called with `{Args}`",
    label = "not a handler",
    note = "a handler is an `async fn` of at most 12 arguments; a closure has to be `Clone + Send + Sync + 'static`"
)]
pub trait Call<Args>: Clone + Send + Sync + 'static {
    /// The future that the call returns.
    type Future: Future;

    /// Calls the function.
    fn call(self, args: Args) -> Self::Future;
}
