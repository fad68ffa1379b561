use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::unit::{Backend, BoxFuture, CommitError, Seen, Unit};
use super::{Error, ErrorKind, PoolStats, Session, Store, TransactionOptions, writer_guard};

/// A store in memory, for unit tests: any value that can be cloned.
///
/// It behaves like SQLite: one transaction writes at a time, readers see the last commit, a transaction that fails or
/// is dropped leaves nothing, and a nested one can fail without the one around it. Transactions work on a copy.
///
/// ```
/// use buttress::store::{Error, Memory, Store};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let stock = Memory::new(3);
/// let store = Store::from(stock.clone());
/// let failed = store.transaction(async |tx| {
///     tx.memory::<i32>()?.write(|left| *left -= 1).await?;
///     Err::<(), _>(Error::corrupt("the order"))
/// });
/// assert!(failed.await.is_err());
/// assert_eq!(*stock.committed(), 3);
///
/// store.session().memory::<i32>()?.write(|left| *left -= 1).await?; // no transaction
/// assert_eq!(*stock.committed(), 2);
/// # Ok::<_, Error>(())
/// # }).unwrap();
/// ```
pub struct Memory<T>(Arc<Shared<T>>);

struct Shared<T> {
    committed: Mutex<Arc<T>>,
    writer: Arc<Semaphore>,
    id: u64,
}

impl<T> Memory<T> {
    /// A store whose first value is `value`.
    pub fn new(value: T) -> Self {
        let committed = Mutex::new(Arc::new(value));
        Self(Arc::new(Shared { committed, writer: Arc::new(Semaphore::new(1)), id: writer_guard::new_id() }))
    }

    /// The last committed value.
    #[must_use]
    pub fn committed(&self) -> Arc<T> {
        Arc::clone(&self.0.committed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn publish(&self, value: T) {
        *self.0.committed.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(value);
    }

    /// The right to write, which only one session has at a time.
    async fn writer(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.0.writer).acquire_owned().await.map_err(|_| Error::new(ErrorKind::PoolClosed))
    }
}

impl<T> Clone for Memory<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Memory<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl<T: Clone + Send + Sync + 'static> From<Memory<T>> for Store {
    fn from(memory: Memory<T>) -> Self {
        Self::new(memory)
    }
}

impl Session {
    /// The value of a store in memory, for a repository of a unit test.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongStore`] if this is not a session of a [`Memory<T>`].
    pub fn memory<T: Clone + Send + Sync + 'static>(&mut self) -> Result<&mut MemorySession<T>, Error> {
        self.unit()
    }
}

/// A session of a [`Memory`].
pub struct MemorySession<T> {
    memory: Memory<T>,
    state: State<T>,
    /// The value at each savepoint.
    saved: Vec<T>,
    doomed: Option<ErrorKind>,
    read_only: bool,
}

/// Where the session reads and writes.
enum State<T> {
    /// Outside a transaction: the last committed value.
    Out,
    /// A read-only transaction: one snapshot.
    Reading(Arc<T>),
    /// A transaction that writes: a copy, and the right to publish it.
    Writing(T, OwnedSemaphorePermit),
}

impl<T: Clone + Send + Sync + 'static> MemorySession<T> {
    /// Reads the value.
    pub fn read<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        match &self.state {
            State::Out => read(&self.memory.committed()),
            State::Reading(moment) => read(moment),
            State::Writing(copy, _) => read(copy),
        }
    }

    /// Changes the value. Outside a transaction, the change is committed at once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ReadOnly`] if this session may not write, [`ErrorKind::Aborted`] if an earlier step of the
    /// transaction failed, [`ErrorKind::WouldDeadlock`] inside another transaction of the same store.
    pub async fn write<R>(&mut self, write: impl FnOnce(&mut T) -> R) -> Result<R, Error> {
        if let Some(kind) = self.doomed {
            return Err(Error::new(ErrorKind::Aborted).caused_by(Error::new(kind)));
        }
        if self.read_only {
            return Err(Error::new(ErrorKind::ReadOnly).by_mistake());
        }
        if let State::Writing(copy, _) = &mut self.state {
            // A change that panics stays half-done: it must not be kept, even if the panic is caught.
            self.doomed = Some(ErrorKind::Aborted);
            let result = write(copy);
            self.doomed = None;
            return Ok(result);
        }
        writer_guard::check(self.memory.0.id)?;
        let _writer = self.memory.writer().await?;
        let mut copy = T::clone(&self.memory.committed());
        let result = write(&mut copy);
        self.memory.publish(copy);
        Ok(result)
    }

    fn end(&mut self) -> State<T> {
        self.saved.clear();
        self.doomed = None;
        std::mem::replace(&mut self.state, State::Out)
    }
}

impl<T> fmt::Debug for MemorySession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySession").finish_non_exhaustive()
    }
}

impl<T: Clone + Send + Sync + 'static> Backend for Memory<T> {
    fn unit(&self, read_only: bool) -> Box<dyn Unit> {
        let (memory, state) = (self.clone(), State::Out);
        Box::new(MemorySession { memory, state, saved: Vec::new(), doomed: None, read_only })
    }

    fn writer(&self, read_only: bool) -> Option<u64> {
        (!read_only).then_some(self.0.id)
    }

    fn check(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async { if self.0.writer.is_closed() { Err(Error::new(ErrorKind::PoolClosed)) } else { Ok(()) } })
    }

    fn pool_stats(&self) -> PoolStats {
        let idle = u32::from(self.0.writer.available_permits() > 0);
        PoolStats { size: 1, idle, max: 1, ..PoolStats::default() }
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let _ = self.writer().await;
            self.0.writer.close();
        })
    }
}

impl<T: Clone + Send + Sync + 'static> Unit for MemorySession<T> {
    fn begin<'a>(
        &'a mut self,
        options: &'a TransactionOptions,
        _: Option<Duration>,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.read_only |= options.read_only;
            self.state = if self.read_only {
                State::Reading(self.memory.committed())
            } else {
                writer_guard::check(self.memory.0.id)?;
                let writer = self.memory.writer().await?;
                State::Writing(T::clone(&self.memory.committed()), writer)
            };
            Ok(())
        })
    }

    fn commit(&mut self) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(async move {
            let doomed = self.doomed;
            match (self.end(), doomed) {
                (_, Some(kind)) => {
                    Err(CommitError::RolledBack(Error::new(ErrorKind::Aborted).caused_by(Error::new(kind))))
                }
                (State::Writing(copy, _writer), None) => {
                    self.memory.publish(copy);
                    Ok(())
                }
                _ => Ok(()),
            }
        })
    }

    fn rollback(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            self.end();
            Ok(())
        })
    }

    fn savepoint(&mut self, _: u32) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let copy = self.read(T::clone);
            self.saved.push(copy);
            Ok(())
        })
    }

    fn release(&mut self, _: u32) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            self.saved.pop();
            Ok(())
        })
    }

    fn rollback_to(&mut self, _: u32) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            if let (State::Writing(copy, _), Some(saved)) = (&mut self.state, self.saved.pop()) {
                *copy = saved;
            }
            Ok(())
        })
    }

    fn doom(&mut self, kind: ErrorKind) {
        self.doomed.get_or_insert(kind);
    }

    fn abandon(&mut self) {
        self.end();
    }

    fn writer(&self) -> Option<u64> {
        (!self.read_only).then_some(self.memory.0.id)
    }

    fn seen(&self) -> Seen {
        Seen { doomed: self.doomed, ..Seen::default() }
    }
}
