//! The loop that runs a transaction, for every kind of handle.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::deadline::{Elapsed, after, within};
use super::hook::Hooks;
use super::retry::Budget;
use super::unit::{BoxFuture, CommitError, Seen};
use super::writer_guard::{self, WriterGuard};
use super::{Error, ErrorKind, Outcome, Resolution, Session, TransactionId, TransactionOptions, Work};
use crate::store::span::TransactionSpan;

/// The handle that the work is given: a [`Session`], or a typed view of one. A handle that knows its database begins
/// and commits without boxing the future.
pub(crate) trait TransactionHandle: Send {
    /// Makes the handle of a session.
    fn of(session: Session) -> Self;

    /// The session behind this handle.
    fn session(&mut self) -> &mut Session;

    /// See [`Session::begin`].
    fn begin(
        &mut self,
        options: &TransactionOptions,
        left: Option<Duration>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// See [`Session::commit`].
    fn commit(&mut self) -> impl Future<Output = Result<Option<Hooks>, CommitError>> + Send;
}

impl TransactionHandle for Session {
    fn of(session: Session) -> Self {
        session
    }

    fn session(&mut self) -> &mut Session {
        self
    }

    fn begin(
        &mut self,
        options: &TransactionOptions,
        left: Option<Duration>,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        self.begin(options, left)
    }

    fn commit(&mut self) -> impl Future<Output = Result<Option<Hooks>, CommitError>> + Send {
        self.commit()
    }
}

/// The part of a store that the loop needs.
pub(crate) trait TransactionSource: Sync {
    /// Opens a session outside a transaction.
    fn open(&self, options: &TransactionOptions) -> Session;

    /// The store's [id](super::writer_guard), if it has one writer.
    fn writer(&self, options: &TransactionOptions) -> Option<u64>;

    /// The `db.system.name` of OpenTelemetry, if it has one.
    fn system(&self) -> Option<&'static str>;

    /// The retry budget that all transactions of the store share.
    fn budget(&self) -> Option<&Budget>;

    /// Asks what became of a transaction.
    fn resolve<'a>(&'a self, id: &'a TransactionId) -> BoxFuture<'a, Result<Resolution, Error>>;
}

/// How long to keep asking what became of a transaction whose commit was cut off.
const RESOLVE_LIMIT: Duration = Duration::from_secs(5);

/// Runs the work until it is committed or may not be retried.
pub(crate) async fn run<G, H, F, R, E>(source: &G, options: TransactionOptions, work: F) -> Outcome<R, E>
where
    G: TransactionSource,
    H: TransactionHandle,
    for<'r> F: Work<&'r mut H, Result<R, E>, Fut: Send> + Clone + Send,
    R: Send,
    E: From<Error> + Send,
{
    let mut options = options;
    let mut span = TransactionSpan::new(source.system(), &options);
    let end = options.deadline.and_then(after);
    let mut attempt = 1;
    let mut unknown = None;
    loop {
        let (outcome, seen) = span.enter(attempt_once::<G, H, F, R, E>(source, &options, end, work.clone())).await;
        if let Outcome::Committed(_) = outcome {
            if let Some(budget) = source.budget() {
                budget.refund(attempt - 1);
            }
            span.ended(attempt, &outcome, seen);
            return outcome;
        }
        match pause(source, &options, end, attempt, &outcome, seen) {
            Some((pause, kind)) => {
                if let Outcome::Unknown(error) = outcome
                    && !options.read_only
                {
                    unknown.get_or_insert(error);
                }
                // Any other connection may hold such a stale statement, too: one failed attempt is enough to find out.
                options.fresh |= kind == ErrorKind::StaleStatement;
                span.retried(attempt, kind, pause);
                tokio::time::sleep(pause).await;
                attempt += 1;
            }
            None => {
                // An earlier attempt may be kept, although nothing of the last one is.
                let outcome = match (outcome, unknown) {
                    (Outcome::RolledBack(_), Some(error)) => Outcome::Unknown(error),
                    (outcome, _) => outcome,
                };
                span.ended(attempt, &outcome, seen);
                return outcome;
            }
        }
    }
}

/// Runs work that cannot be run twice.
pub(crate) async fn run_once<G, H, F, R, E>(source: &G, options: TransactionOptions, work: F) -> Outcome<R, E>
where
    G: TransactionSource,
    H: TransactionHandle,
    for<'r> F: Work<&'r mut H, Result<R, E>, Fut: Send> + Send,
    R: Send,
    E: From<Error> + Send,
{
    let options = &options;
    let mut span = TransactionSpan::new(source.system(), options);
    let end = options.deadline.and_then(after);
    let (outcome, seen) = span.enter(attempt_once::<G, H, F, R, E>(source, options, end, work)).await;
    span.ended(1, &outcome, seen);
    outcome
}

/// The pause before the next attempt, and the failure that it is for.
fn pause<G: TransactionSource, R, E>(
    source: &G,
    options: &TransactionOptions,
    end: Option<Instant>,
    attempt: u32,
    outcome: &Outcome<R, E>,
    seen: Seen,
) -> Option<(Duration, ErrorKind)> {
    let kind = match outcome {
        Outcome::Committed(_) => return None,
        Outcome::RolledBack(_) => seen.retryable?,
        Outcome::Unknown(_) => (options.idempotent || options.read_only).then_some(ErrorKind::UnknownCommit)?,
    };
    let pause = options.retry.pause_after(attempt)?;
    let in_time = end.is_none_or(|end| after(pause).is_some_and(|next| next < end));
    (in_time && source.budget().is_none_or(Budget::take)).then_some((pause, kind))
}

/// One attempt.
async fn attempt_once<G, H, F, R, E>(
    source: &G,
    options: &TransactionOptions,
    end: Option<Instant>,
    work: F,
) -> (Outcome<R, E>, Seen)
where
    G: TransactionSource,
    H: TransactionHandle,
    for<'r> F: Work<&'r mut H, Result<R, E>, Fut: Send> + Send,
    R: Send,
    E: From<Error> + Send,
{
    let writer = source.writer(options);
    if let Some(Err(error)) = writer.map(writer_guard::check) {
        return failed(error);
    }
    let mut handle = H::of(source.open(options));
    match within(end, begin_and_work(&mut handle, options, end, writer, work)).await {
        Ok(Ok(value)) => commit(source, &mut handle, value, end).await,
        Ok(Err(Failed::Begin(error))) => failed(error),
        Ok(Err(Failed::Work(error))) => {
            let seen = handle.session().seen();
            match handle.session().rollback().await {
                Ok(()) => (Outcome::RolledBack(error), seen),
                Err(lost) => failed(lost),
            }
        }
        Err(Elapsed) => {
            // The statement in progress is given up. It is unknown where it stopped, so its connection is closed.
            failed(handle.session().abandon().err().unwrap_or_else(|| Error::new(ErrorKind::DeadlineExceeded)))
        }
    }
}

/// A failure before the commit.
enum Failed<E> {
    Begin(Error),
    Work(E),
}

/// Begins the transaction and does the work.
async fn begin_and_work<H, F, R, E>(
    handle: &mut H,
    options: &TransactionOptions,
    end: Option<Instant>,
    writer: Option<u64>,
    work: F,
) -> Result<R, Failed<E>>
where
    H: TransactionHandle,
    for<'r> F: Work<&'r mut H, Result<R, E>, Fut: Send> + Send,
    R: Send,
    E: Send,
{
    let left = end.map(|end| end.saturating_duration_since(Instant::now()));
    handle.begin(options, left).await.map_err(Failed::Begin)?;
    // The guard covers the work alone: once the commit begins, the work can no longer ask for a second transaction.
    let result = match writer {
        Some(store) => WriterGuard::new(store).scope(work(handle)).await,
        None => work(handle).await,
    };
    result.map_err(Failed::Work)
}

fn failed<R, E: From<Error>>(error: Error) -> (Outcome<R, E>, Seen) {
    let kind = error.kind();
    let retryable = kind.is_retryable().then_some(kind);
    (Outcome::RolledBack(error.into()), Seen { retryable, doomed: None, last: Some(kind) })
}

/// Commits, and then runs the after-commit hooks. The commit is waited for past the deadline; hooks that still run at
/// the deadline go on by themselves.
pub(crate) async fn commit<G, H, R, E>(
    source: &G,
    handle: &mut H,
    value: R,
    end: Option<Instant>,
) -> (Outcome<R, E>, Seen)
where
    G: TransactionSource,
    H: TransactionHandle,
    E: From<Error>,
{
    match handle.commit().await {
        Ok(hooks) => {
            // Hooks are rare and their future is large, as is `resolve` below: boxed, they do not enlarge every
            // transaction's future.
            if let Some(hooks) = hooks {
                let _ = Box::pin(within(end, hooks.run())).await;
            }
            (Outcome::Committed(value), Seen::default())
        }
        Err(CommitError::RolledBack(error)) => {
            let (outcome, mut seen) = failed(error);
            seen.retryable = seen.retryable.or(handle.session().seen().retryable);
            (outcome, seen)
        }
        Err(CommitError::Unknown(cause)) => Box::pin(resolve(source, handle.session(), value, end, cause)).await,
    }
}

/// The error of a commit that was cut off and turned out to be rolled back. The server itself may have reported the
/// outcome as unknown; now it is known, and nothing was kept.
fn rolled_back(cause: Error) -> Error {
    if cause.is_unknown_commit() { Error::new(ErrorKind::ConnectionLost).caused_by(cause) } else { cause }
}

/// Asks what became of the transaction, if it was made resolvable.
async fn resolve<G, R, E>(
    source: &G,
    session: &mut Session,
    value: R,
    end: Option<Instant>,
    cause: Error,
) -> (Outcome<R, E>, Seen)
where
    G: TransactionSource,
    E: From<Error>,
{
    let id = session.transaction_id();
    if let Some(id) = &id {
        let asked = Instant::now() + RESOLVE_LIMIT;
        while Instant::now() < asked
            && let Ok(answer) = tokio::time::timeout_at(asked, source.resolve(id)).await
        {
            match answer {
                // The server's answer to the commit was lost, but it is a commit like any other: its hooks run.
                Ok(Resolution::Committed) => {
                    if let Some(hooks) = session.take_hooks() {
                        let _ = within(end, hooks.run()).await;
                    }
                    return (Outcome::Committed(value), Seen::default());
                }
                Ok(Resolution::RolledBack) => return failed(rolled_back(cause)),
                Ok(Resolution::Forgotten) => break,
                // A closed pool does not open again, and its `close` waits for this transaction.
                Err(error) if error.kind() == ErrorKind::PoolClosed => break,
                Ok(Resolution::InProgress) | Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
    (Outcome::Unknown(Error::unknown_commit(cause, id)), Seen::default())
}
