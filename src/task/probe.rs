use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::body::BoxError;

/// The future that [`Probe::probe`] returns.
pub type ProbeFuture<'a> = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send + 'a>>;

/// A part of a service that can be asked whether it works.
///
/// ```
/// use std::time::Duration;
///
/// use buttress::store::{Memory, Store};
/// use buttress::task::Probe;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let parts: Vec<(&str, Box<dyn Probe>)> = vec![("orders", Box::new(Store::from(Memory::new(0))))];
/// for (name, part) in &parts {
///     assert!(part.probe(Duration::from_secs(1)).await.is_ok(), "{name}");
/// }
/// # });
/// ```
pub trait Probe: Send + Sync {
    /// Answers within the limit whether the part works. The error is the reason why it does not; it is for the log.
    fn probe(&self, limit: Duration) -> ProbeFuture<'_>;
}
