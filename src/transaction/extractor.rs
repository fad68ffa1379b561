use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use http::request::Parts;

use super::slot::{Lent, Misuse, Place, Slot};
use crate::handler::FromRequestParts;
use crate::problem::Problem;
use crate::store::Session;

/// The transaction of a request, as a handler's argument: it goes where a `&mut Session` is wanted. See the [module
/// docs](super).
///
/// There is one at a time. It has to be dropped when the handler answers, as an argument is by itself; what comes after
/// it in the same request goes on in the same transaction.
///
/// `N` is the name of the layer, where there are several.
pub struct RequestTx<N = ()> {
    lent: Lent,
    slot: Arc<Slot>,
    name: PhantomData<fn() -> N>,
}

/// A failed begin is the store's problem. That there is no layer, or that the handle is in use, is a server error.
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

/// Nobody knows how far a handler came that panicked: what it did is not kept, even if something answers for it.
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
