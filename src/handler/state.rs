use http::request::Parts;

use super::FromRequestParts;
use crate::problem::Problem;

/// A state that can provide a `T`.
///
/// Every state provides itself. A state of several parts implements this once for each part that handlers ask for:
///
/// ```
/// use buttress::handler::Provide;
/// use std::sync::Arc;
///
/// struct Orders;
///
/// #[derive(Clone)]
/// struct Shop {
///     orders: Arc<Orders>,
/// }
///
/// impl Provide<Arc<Orders>> for Shop {
///     fn provide(&self) -> Arc<Orders> {
///         Arc::clone(&self.orders)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "the state `{Self}` does not provide `{T}`",
    label = "this state has no `{T}` to hand out",
    note = "implement `buttress::handler::Provide<{T}>` for `{Self}`"
)]
pub trait Provide<T> {
    /// A value that one request owns; keep shared parts in an `Arc`.
    fn provide(&self) -> T;
}

impl<T: Clone> Provide<T> for T {
    fn provide(&self) -> T {
        self.clone()
    }
}

/// A part of the service's state, for a handler. See [`Provide`].
#[derive(Debug, Clone, Copy, Default)]
pub struct State<T>(pub T);

impl<S: Provide<T> + Sync, T> FromRequestParts<S> for State<T> {
    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self(state.provide()))
    }
}
