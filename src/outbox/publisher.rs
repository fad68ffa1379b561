use std::future::Future;
use std::pin::Pin;

use super::Delivery;
use crate::body::BoxError;

/// What [`Publisher::publish`] gives.
pub type Publishing<'a> = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send + 'a>>;

/// Takes events to where they are to be known: a broker, a webhook, a mailer. [`InProcess`](super::InProcess) is one that
/// calls functions.
///
/// An `async` closure that takes a [`Delivery`] and gives a `Result` is a publisher. A type of one's own boxes its future:
///
/// ```
/// use buttress::outbox::{Delivery, Publisher, Publishing};
///
/// struct Broker {
///     topic: String,
/// }
///
/// impl Publisher for Broker {
///     fn publish<'a>(&'a self, delivery: &'a Delivery) -> Publishing<'a> {
///         Box::pin(async move {
///             println!("{}: {}", self.topic, delivery.kind());
///             Ok(())
///         })
///     }
/// }
/// ```
pub trait Publisher: Send + Sync + 'static {
    /// Hands one event over. It is delivered when this gives `Ok`, so that must not be before the receiver has it; and
    /// tried again, later, when this fails, panics, or takes longer than the lease, at which point it is dropped.
    ///
    /// Events of different keys are handed over at the same time. The text of an error is logged.
    fn publish<'a>(&'a self, delivery: &'a Delivery) -> Publishing<'a>;
}

impl<F, Fut, E> Publisher for F
where
    F: Fn(Delivery) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send + 'static,
    E: Into<BoxError>,
{
    fn publish<'a>(&'a self, delivery: &'a Delivery) -> Publishing<'a> {
        let publishing = self(delivery.clone());
        Box::pin(async move { publishing.await.map_err(Into::into) })
    }
}
