use std::future::Future;

/// An async function of at most 12 arguments.
///
/// It says nothing about what the arguments are or what comes out: that is checked apart, so that the compiler can
/// name what is wrong.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an async function that can be called with `{Args}`",
    label = "not a handler",
    note = "a handler is an `async fn` of at most 12 arguments; a closure has to be `Clone + Send + Sync + 'static`"
)]
pub trait Call<Args>: Clone + Send + Sync + 'static {
    /// What the call returns before it is awaited.
    type Future: Future;

    /// Calls it.
    fn call(self, args: Args) -> Self::Future;
}
