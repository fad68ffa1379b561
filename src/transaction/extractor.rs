use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use http::request::Parts;

use super::slot::{Lent, Misuse, Place, Slot};
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
    lent: Lent,
    slot: Arc<Slot>,
    name: PhantomData<fn() -> N>,
}

/// A failed begin is the store's problem. A missing layer, or a handle that is still in use, is a server error.
impl<S: Sync, N: 'static> FromRequestParts<S> for RequestTx<N> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let place = parts.extensions.get::<Place<N>>().cloned();
        let slot = place.ok_or_else(|| Problem::internal(Misuse::NoLayer))?.slot;
        Ok(Self { lent: slot.lend().await?, slot, name: PhantomData })
    }
}

impl<N> Deref for RequestTx<N> {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.lent.session
    }
}

impl<N> DerefMut for RequestTx<N> {
    fn deref_mut(&mut self) -> &mut Session {
        if self.slot.is_over() {
            self.lent.session.doom();
        }
        &mut self.lent.session
    }
}

/// It is unknown how far a handler got before it panicked: its work is not kept, even if the panic is caught and
/// answered.
impl<N> Drop for RequestTx<N> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.lent.session.doom();
        }
    }
}

impl<N> fmt::Debug for RequestTx<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestTx").field(&self.lent.session).finish()
    }
}
