//! The loop that runs a transaction, for every kind of handle.

use std::time::Duration;

use tokio::time::Instant;

use super::deadline::{Late, after, within};
use super::mark::{self, Held};
use super::retry::Budget;
use super::unit::{BoxFuture, CommitError, Seen};
use super::{Error, Kind, Options, Outcome, Resolution, Session, TransactionId, Work};
use crate::data::observe::TransactionSpan;

/// What work is given: a [`Session`], or a typed view of one.
pub(crate) trait Handle: Send {
    /// Makes the handle of a session.
    fn of(session: Session) -> Self;

    /// The session behind it.
    fn session(&mut self) -> &mut Session;
}

impl Handle for Session {
    fn of(session: Session) -> Self {
        session
    }

    fn session(&mut self) -> &mut Session {
        self
    }
}

/// What the loop has to know of a store.
pub(crate) trait Ground: Sync {
    /// A session out of a transaction.
    fn open(&self, options: &Options) -> Session;

    /// The store's mark, if it has one writer.
    fn writer(&self, options: &Options) -> Option<u64>;

    /// The `db.system.name` of OpenTelemetry, if it has one.
    fn system(&self) -> Option<&'static str>;

    /// What all transactions of the store share.
    fn budget(&self) -> Option<&Budget>;

    /// Asks what became of a transaction.
    fn resolve<'a>(&'a self, id: &'a TransactionId) -> BoxFuture<'a, Result<Resolution, Error>>;
}

/// How long it is asked what became of a transaction whose commit was cut.
const RESOLVE_FOR: Duration = Duration::from_secs(5);

/// Runs the work until it is committed, or may not be tried again.
pub(crate) async fn run<G, H, F, R, E>(ground: &G, options: &Options, work: F) -> Outcome<R, E>
where
    G: Ground,
    H: Handle,
    for<'r> F: Work<&'r mut H, Result<R, E>, Fut: Send> + Clone + Send,
    R: Send,
    E: From<Error> + Send,
{
    let mut span = TransactionSpan::new(ground.system(), options);
    let end = options.deadline.and_then(after);
    let mut attempt = 1;
    let mut unknown = None;
    loop {
        let (outcome, seen) = once::<G, H, F, R, E>(ground, options, end, &span, work.clone()).await;
        match pause(ground, options, end, attempt, &outcome, seen) {
            Some((pause, kind)) => {
                if let Outcome::Unknown(error) = outcome
                    && !options.read_only
                {
                    unknown.get_or_insert(error);
                }
                span.retried(attempt, kind, pause);
                tokio::time::sleep(pause).await;
                attempt += 1;
            }
            None => {
                // What an earlier attempt wrote may be kept, though nothing of the last one is.
                let outcome = match (outcome, unknown) {
                    (Outcome::RolledBack(_), Some(error)) => Outcome::Unknown(error),
                    (outcome, _) => outcome,
                };
                if let (Outcome::Committed(_), Some(budget)) = (&outcome, ground.budget()) {
                    budget.refund(attempt - 1);
                }
                span.ended(attempt, &outcome, seen);
                return outcome;
            }
        }
    }
}

/// Runs work that cannot be run twice.
pub(crate) async fn run_once<G, H, F, R, E>(ground: &G, options: &Options, work: F) -> Outcome<R, E>
where
    G: Ground,
    H: Handle,
    for<'r> F: Work<&'r mut H, Result<R, E>, Fut: Send> + Send,
    R: Send,
    E: From<Error> + Send,
{
    let mut span = TransactionSpan::new(ground.system(), options);
    let end = options.deadline.and_then(after);
    let (outcome, seen) = once::<G, H, F, R, E>(ground, options, end, &span, work).await;
    span.ended(1, &outcome, seen);
    outcome
}

/// The pause before the next attempt, and what it is for.
fn pause<G: Ground, R, E>(
    ground: &G,
    options: &Options,
    end: Option<Instant>,
    attempt: u32,
    outcome: &Outcome<R, E>,
    seen: Seen,
) -> Option<(Duration, Kind)> {
    let kind = match outcome {
        Outcome::Committed(_) => return None,
        Outcome::RolledBack(_) => seen.retryable?,
        Outcome::Unknown(_) => (options.idempotent || options.read_only).then_some(Kind::UnknownCommit)?,
    };
    let pause = options.retry.pause_after(attempt)?;
    let in_time = end.is_none_or(|end| after(pause).is_some_and(|next| next < end));
    (in_time && ground.budget().is_none_or(Budget::take)).then_some((pause, kind))
}

/// One attempt.
async fn once<G, H, F, R, E>(
    ground: &G,
    options: &Options,
    end: Option<Instant>,
    span: &TransactionSpan,
    work: F,
) -> (Outcome<R, E>, Seen)
where
    G: Ground,
    H: Handle,
    for<'r> F: Work<&'r mut H, Result<R, E>, Fut: Send> + Send,
    R: Send,
    E: From<Error> + Send,
{
    let writer = ground.writer(options);
    if let Some(Err(error)) = writer.map(mark::check) {
        return failed(error);
    }
    let mut handle = H::of(ground.open(options));
    let left = end.map(|end| end.saturating_duration_since(Instant::now()));
    match within(end, span.enter(handle.session().begin(options, left))).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return failed(error),
        Err(Late) => return failed(Error::new(Kind::DeadlineExceeded)),
    }
    // The mark is for the work alone: by the time of the commit nobody can ask for a second transaction any more.
    let result = match writer {
        Some(store) => within(end, Held::new(store).scope(span.enter(work(&mut handle)))).await,
        None => within(end, span.enter(work(&mut handle))).await,
    };
    match result {
        Ok(Ok(value)) => span.enter(settle(ground, handle.session(), value, end)).await,
        Ok(Err(error)) => {
            let seen = handle.session().seen();
            match span.enter(undo(handle)).await {
                Ok(()) => (Outcome::RolledBack(error), seen),
                Err(lost) => failed(lost),
            }
        }
        Err(Late) => {
            // What was running is given up, and nobody knows where it stopped: its connection is closed.
            failed(handle.session().abandon().err().unwrap_or_else(|| Error::new(Kind::DeadlineExceeded)))
        }
    }
}

fn failed<R, E: From<Error>>(error: Error) -> (Outcome<R, E>, Seen) {
    let kind = error.kind();
    let retryable = kind.is_retryable().then_some(kind);
    (Outcome::RolledBack(error.into()), Seen { retryable, doomed: None, last: Some(kind) })
}

/// Rolls back. An error says that some of it is kept, or may be.
pub(crate) async fn undo<H: Handle>(mut handle: H) -> Result<(), Error> {
    handle.session().rollback().await
}

/// Commits, and runs what was to be done after that. A commit is waited for, whatever the deadline; hooks go on by
/// themselves when it comes.
pub(crate) async fn settle<G, R, E>(
    ground: &G,
    session: &mut Session,
    value: R,
    end: Option<Instant>,
) -> (Outcome<R, E>, Seen)
where
    G: Ground,
    E: From<Error>,
{
    match session.commit().await {
        Ok(hooks) => {
            let _ = within(end, hooks.run()).await;
            (Outcome::Committed(value), Seen::default())
        }
        Err(CommitError::RolledBack(error)) => {
            let (outcome, mut seen) = failed(error);
            seen.retryable = seen.retryable.or(session.seen().retryable);
            (outcome, seen)
        }
        // Rare, and large: in a box, it does not weigh on every transaction's future.
        Err(CommitError::Unknown(cause)) => Box::pin(resolve(ground, session, value, end, cause)).await,
    }
}

/// The server itself may have said that it does not know; it knows now, and nothing was kept.
fn undone(cause: Error) -> Error {
    if cause.is_unknown_commit() { Error::new(Kind::ConnectionLost).caused_by(cause) } else { cause }
}

/// Asks what became of the transaction, where it was to be resolvable.
async fn resolve<G, R, E>(
    ground: &G,
    session: &mut Session,
    value: R,
    end: Option<Instant>,
    cause: Error,
) -> (Outcome<R, E>, Seen)
where
    G: Ground,
    E: From<Error>,
{
    let id = session.transaction_id();
    if let Some(id) = &id {
        let asked = Instant::now() + RESOLVE_FOR;
        while Instant::now() < asked
            && let Ok(answer) = tokio::time::timeout_at(asked, ground.resolve(id)).await
        {
            match answer {
                // The hooks are lost with the session's answer: they are run as for any commit.
                Ok(Resolution::Committed) => {
                    let _ = within(end, session.take_hooks().run()).await;
                    return (Outcome::Committed(value), Seen::default());
                }
                Ok(Resolution::RolledBack) => return failed(undone(cause)),
                Ok(Resolution::Forgotten) => break,
                // It does not open again, and whoever closes it waits for this.
                Err(error) if error.kind() == Kind::PoolClosed => break,
                Ok(Resolution::InProgress) | Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
    (Outcome::Unknown(Error::unknown_commit(cause, id)), Seen::default())
}
