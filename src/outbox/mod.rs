//! Events that are written with a change, and delivered after it.
//!
//! A service that changes a row and then tells a broker about it can crash in between: then the broker is never told. A
//! service that tells the broker first may announce a change that never happens. Here, an event is a row, written in
//! the transaction of the change. A [`Relay`] hands it to a [`Publisher`] once it is committed, as often as it takes.
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! use std::time::Duration;
//!
//! use buttress::outbox::{Delivery, Event, Handlers, Outbox};
//! use buttress::sql::sql;
//! use buttress::store::{Error, Store};
//!
//! let store = Store::connect("sqlite::memory:").await?;
//! let outbox = Outbox::new();
//! outbox.migrate(&store).await?;
//! # sql("CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL)").execute(&mut store.session()).await?;
//! # let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
//!
//! let publisher = Handlers::new().on("order-placed", move |delivery: Delivery| {
//!     let heard = heard.clone();
//!     async move { heard.send((delivery.key().map(str::to_owned), delivery.json::<u32>()?)).map_err(|_| Error::corrupt("the test")) }
//! });
//! let relay = outbox.relay(&store, publisher).spawn();
//!
//! // Both happen, or neither.
//! store
//!     .transaction(async |tx| {
//!         sql("INSERT INTO orders VALUES (?, ?)").bind(17).bind(1990).execute(tx).await?;
//!         outbox.write(tx, Event::new("order-placed").key(17).json(&1990)?).await?;
//!         Ok::<_, Error>(())
//!     })
//!     .await?;
//! assert_eq!(hears.recv().await, Some((Some("17".to_owned()), 1990)));
//!
//! relay.stop(Duration::from_secs(5)).await;
//! # Ok::<_, Error>(())
//! # }).unwrap();
//! ```
//!
//! Every instance of a service may have a relay. The limits of a relay (concurrency, lease, retries) are set when it is
//! made. An event that fails too often is a dead letter, and an operator has to look at it:
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! use std::time::Duration;
//!
//! use buttress::outbox::{Delivery, Event, Outbox};
//! use buttress::store::{Error, Store};
//!
//! # let store = Store::connect("sqlite::memory:").await?;
//! # let outbox = Outbox::new();
//! # outbox.migrate(&store).await?;
//! let relay = outbox
//!     .relay(&store, async |delivery: Delivery| {
//!         // The broker of this example takes only the first event of each key.
//!         if delivery.sequence() > 1 { Err("the broker is full") } else { Ok(()) }
//!     })
//!     .batch(100)
//!     .lease(Duration::from_secs(10))
//!     .attempts(3)
//!     .backoff(Duration::from_millis(1), Duration::from_millis(5))
//!     .poll_interval(Duration::from_millis(5))
//!     .spawn();
//!
//! let events = [Event::new("paid").key("a"), Event::new("sent").key("a"), Event::new("paid").key("b")];
//! store.transaction(async |tx| outbox.write_all(tx, events.clone()).await).await?;
//!
//! while outbox.backlog(&mut store.session()).await?.dead_letters == 0 {
//!     tokio::time::sleep(Duration::from_millis(5)).await;
//! }
//! let dead = outbox.dead_letters(&mut store.session(), 10).await?;
//! assert_eq!((dead[0].kind.as_str(), dead[0].key.as_deref(), dead[0].attempts), ("sent", Some("a"), 3));
//! outbox.discard(&mut store.session(), dead[0].id).await?; // or `retry`, once the broker has room
//! assert_eq!(outbox.backlog(&mut store.session()).await?.dead_letters, 0);
//! # relay.stop(Duration::from_secs(5)).await;
//! # Ok::<_, Error>(())
//! # }).unwrap();
//! ```
//!
//! # Guarantees
//!
//! - **With the change or not at all.** If a transaction, or a nested one, is rolled back, its events were never
//!   written. Outside a transaction, no event can be written.
//! - **At least once.** A committed event is handed over until a publisher confirms that it has it: across killed
//!   processes, relays that are dropped at any moment, connections that are cut, and publishers that take too long.
//! - **First copies in order, for each key.** Events are in the order in which their transactions were committed, and
//!   within one transaction in the order in which they were written. An event is not handed over before a publisher has
//!   the one before it. Events without a key, and events of different keys, do not wait for one another.
//! - **One relay at a time for each key.** An event is claimed before it is handed over: until the lease ends, no other
//!   relay has it. A relay that comes back after its lease can neither mark the event nor go on to the next, and
//!   [`Delivery::fencing_token`] lets a receiver refuse anything that it still sends.
//! - **A failure is local.** A failed event is retried after longer and longer pauses. In the end it becomes a dead
//!   letter, with a line in the log. The later events of its key wait for it; others do not. Dead letters are
//!   [listed](Outbox::dead_letters), [retried](Outbox::retry) or [given up](Outbox::discard); nothing else gives up an
//!   event.
//!
//! # Receivers
//!
//! A receiver gets some events twice, and the second copy may come after later events of its key: first, second, first.
//! It remembers which events it has handled, in the same transaction that handles them. With keys, that is one number
//! for each key: an event was handled already if its [`sequence`](Delivery::sequence) is not higher than the last one.
//! Without keys, it is the [`id`](Delivery::id). A receiver that keeps only the latest event of each key compares
//! [`fencing_token`](Delivery::fencing_token) numbers.
//!
//! # How it works
//!
//! A transaction that writes an event of a key takes the next number of that key, from a row that stays locked until
//! the commit. So numbers are taken in the order of commits, leave no gaps, and become visible in order. Other
//! transactions that write the same key wait, so an event is best written last; to write several keys, use
//! [`write_all`](Outbox::write_all).
//!
//! A relay looks for due events, and claims only heads. The head of a key is its undelivered event with the lowest
//! number. The relay does not search from the last event that it saw: ids, times and numbers of different keys become
//! visible in any order, and events that are committed late would be skipped for ever. Claiming a head locks its row
//! for a moment; rows that other transactions have locked are skipped (`SKIP LOCKED`: `PostgreSQL`, MySQL 8, MariaDB
//! 10.6; SQLite has one writer). The claim then consists of a token, a number and the end of the lease in the row, by
//! the database's clock; the outcome can only be recorded with the token. While the head is claimed, the next event is
//! not a head.
//!
//! After a commit through the same [`Outbox`], the relay looks at once; otherwise every second. A look is one query,
//! without a lock, on a reader where the store has some. It reads an index of due events: neither dead letters nor
//! those that wait for a later attempt, and no key without events. If many events wait behind the head of their key,
//! they are put off until it is gone.
//!
//! # Under load
//!
//! The number of events that are claimed at once [grows](Relay::batch) with the number that wait. On a database server,
//! the relays of a store have two connections of their own, beside those of its pool and with the same settings: they
//! do not queue behind the requests. The server's connection limit must leave room for them. [`Outbox::lag`] tells how
//! far the relays are behind.
//!
//! A store that [closes](crate::store::Store::close) ends its relays, as [`RelayHandle::stop`] does.
//!
//! # Not guaranteed
//!
//! - Delivery exactly once, or in order for every copy: see above.
//! - Silence from a publisher that was given up: anything that it had sent may still arrive.
//! - A bounded table of keys: it keeps a row for each key that was ever used.

mod claim;
mod dead_letter;
mod delivery;
mod event;
mod failure_log;
mod find;
mod handle;
mod handlers;
mod in_flight;
mod lag;
mod memory;
mod publisher;
mod queries;
mod record;
mod relay;
mod relay_loop;
mod schema;
mod settings;
mod stats;
mod window;
mod write;

pub use self::dead_letter::{Backlog, DeadLetter};
pub use self::delivery::Delivery;
pub use self::event::Event;
pub use self::handle::RelayHandle;
pub use self::handlers::Handlers;
pub use self::lag::Lag;
pub use self::publisher::{PublishFuture, Publisher};
pub use self::relay::Relay;
pub use self::schema::{MYSQL, POSTGRES, SQLITE};
pub use self::stats::RelayStats;
pub use self::write::Outbox;
