use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use http::request::Parts;

use super::request::{Extension, HandleError, OpenGuard, RequestTransaction};
use crate::handler::FromRequestParts;
use crate::problem::Problem;
use crate::store::Session;

/// The transaction of a request, as a handler's argument. It can be passed wherever a `&mut Session` is expected. See
/// the [module docs](super).
///
/// There is one handle at a time. It must be dropped when the handler answers, as an argument is by itself; a later
/// handle in the same request continues the same transaction.
///
/// `N` is the name of the layer, where there are several.
pub struct RequestTx<N = ()> {
    open: OpenGuard,
    transaction: Arc<RequestTransaction>,
    name: PhantomData<fn() -> N>,
}

/// A failed begin is the store's problem. A missing layer, or a handle that is still in use, is a server error.
impl<S: Sync, N: 'static> FromRequestParts<S> for RequestTx<N> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let found = parts.extensions.get::<Extension<N>>().cloned();
        let transaction = found.ok_or_else(|| Problem::internal(HandleError::NoLayer))?.transaction;
        Ok(Self { open: transaction.acquire().await?, transaction, name: PhantomData })
    }
}

impl<N> Deref for RequestTx<N> {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.open.session
    }
}

impl<N> DerefMut for RequestTx<N> {
    fn deref_mut(&mut self) -> &mut Session {
        if self.transaction.is_over() {
            self.open.session.doom();
        }
        &mut self.open.session
    }
}

/// It is unknown how far a handler got before it panicked: its work is not kept, even if the panic is caught and
/// answered.
impl<N> Drop for RequestTx<N> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.open.session.doom();
        }
    }
}

impl<N> fmt::Debug for RequestTx<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestTx").field(&self.open.session).finish()
    }
}
