use std::collections::HashMap;
use std::fmt;
use std::future::Future;

use super::{Delivery, PublishFuture, Publisher};
use crate::body::BoxError;

/// A publisher that calls a function of this process for each kind of event. It suits a first version, and any service
/// whose parts all run in one program.
///
/// ```
/// use buttress::outbox::{Delivery, Handlers};
///
/// let publisher = Handlers::new()
///     .on("order-placed", async |delivery: Delivery| {
///         let order: u64 = delivery.json()?;
///         println!("order {order} was placed");
///         Ok::<_, buttress::store::Error>(())
///     })
///     .ignore("order-viewed");
/// ```
#[derive(Default)]
#[must_use]
pub struct Handlers(HashMap<String, Box<dyn Publisher>>);

impl Handlers {
    /// A publisher that knows no kind of event.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `handler` for events of this kind; the last handler of a kind counts.
    pub fn on<F, Fut, E>(mut self, kind: impl Into<String>, handler: F) -> Self
    where
        F: Fn(Delivery) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        self.0.insert(kind.into(), Box::new(handler));
        self
    }

    /// Treats events of this kind as delivered. An event of an unknown kind fails and finally becomes a dead letter, so
    /// that a forgotten handler loses no event.
    pub fn ignore(self, kind: impl Into<String>) -> Self {
        self.on(kind, async |_| Ok::<_, BoxError>(()))
    }
}

impl Publisher for Handlers {
    fn publish<'a>(&'a self, delivery: &'a Delivery) -> PublishFuture<'a> {
        match self.0.get(delivery.kind()) {
            Some(handler) => handler.publish(delivery),
            None => Box::pin(async { Err("there is no handler for this kind of event".into()) }),
        }
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handlers").field(&self.0.keys()).finish()
    }
}
