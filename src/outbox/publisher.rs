use std::future::Future;
use std::pin::Pin;

use super::Delivery;
use crate::body::BoxError;

/// The future that [`Publisher::publish`] returns.
pub type PublishFuture<'a> = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send + 'a>>;

/// Takes events to their destination: a broker, a webhook, a mailer. [`Handlers`](super::Handlers) is a publisher
/// that calls functions.
///
/// An `async` closure that takes a [`Delivery`] and returns a `Result` is a publisher. A type of your own boxes its
/// future:
///
/// ```
/// use buttress::outbox::{Delivery, Publisher, PublishFuture};
///
/// struct Broker {
///     topic: String,
/// }
///
/// impl Publisher for Broker {
///     fn publish<'a>(&'a self, delivery: &'a Delivery) -> PublishFuture<'a> {
///         Box::pin(async move {
///             println!("{}: {}", self.topic, delivery.kind());
///             Ok(())
///         })
///     }
/// }
/// ```
pub trait Publisher: Send + Sync + 'static {
    /// Hands one event over. The event counts as delivered when this returns `Ok`, so it must not do so before the
    /// receiver has the event. The event is retried later if this fails, panics, or takes longer than the lease; at the
    /// end of the lease the future is dropped.
    ///
    /// Events of different keys are handed over at the same time. The text of an error is logged.
    fn publish<'a>(&'a self, delivery: &'a Delivery) -> PublishFuture<'a>;
}

impl<F, Fut, E> Publisher for F
where
    F: Fn(Delivery) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send + 'static,
    E: Into<BoxError>,
{
    fn publish<'a>(&'a self, delivery: &'a Delivery) -> PublishFuture<'a> {
        let publishing = self(delivery.clone());
        Box::pin(async move { publishing.await.map_err(Into::into) })
    }
}
