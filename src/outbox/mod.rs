//! Events that are written with a change, and delivered after it.
//!
//! A service that changes a row and then tells a broker about it can end in between: then nobody is ever told. One that
//! tells first may tell what never happens. Here an event is a row, written in the transaction of the change; a [`Relay`]
//! hands it to a [`Publisher`] once it is committed, as often as it takes.
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! use std::time::Duration;
//!
//! use buttress::outbox::{Delivery, Event, InProcess, Outbox};
//! use buttress::sql::sql;
//! use buttress::store::{Error, Store};
//!
//! let store = Store::connect("sqlite::memory:").await?;
//! let outbox = Outbox::new();
//! outbox.migrate(&store).await?;
//! # sql("CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL)").execute(&mut store.session()).await?;
//! # let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
//!
//! let publisher = InProcess::new().on("order-placed", move |delivery: Delivery| {
//!     let heard = heard.clone();
//!     async move { heard.send((delivery.key().map(str::to_owned), delivery.json::<u32>()?)).map_err(|_| Error::corrupt("the test")) }
//! });
//! let relay = outbox.relay(&store, publisher).spawn();
//!
//! // Both, or neither.
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
//! Every instance of a service may have a relay; how much it takes on, and how long it puts up with, is set where it is
//! made. What fails too often is parked, and somebody has to look at it:
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
//!         // The broker of this example takes the first event of each key only.
//!         if delivery.sequence() > 1 { Err("the broker is full") } else { Ok(()) }
//!     })
//!     .batch(100)
//!     .lease_for(Duration::from_secs(10))
//!     .attempts(3)
//!     .backoff(Duration::from_millis(1), Duration::from_millis(5))
//!     .poll_every(Duration::from_millis(5))
//!     .spawn();
//!
//! let events = [Event::new("paid").key("a"), Event::new("sent").key("a"), Event::new("paid").key("b")];
//! store.transaction(async |tx| outbox.write_all(tx, events.clone()).await).await?;
//!
//! while outbox.backlog(&mut store.session()).await?.parked == 0 {
//!     tokio::time::sleep(Duration::from_millis(5)).await;
//! }
//! let parked = outbox.parked(&mut store.session(), 10).await?;
//! assert_eq!((parked[0].kind.as_str(), parked[0].key.as_deref(), parked[0].attempts), ("sent", Some("a"), 3));
//! outbox.skip(&mut store.session(), parked[0].id).await?; // or `resume`, once the broker has room
//! assert_eq!(outbox.backlog(&mut store.session()).await?.parked, 0);
//! # relay.stop(Duration::from_secs(5)).await;
//! # Ok::<_, Error>(())
//! # }).unwrap();
//! ```
//!
//! # What it promises
//!
//! - **With the change or not at all.** An event of a transaction, or of a nested one, that is rolled back was never
//!   written. Out of a transaction nothing can be written.
//! - **At least once.** A committed event is handed over until a publisher said that it has it: over processes that are
//!   killed, relays that are dropped at any moment, connections that are cut, and publishers that take too long.
//! - **First copies in order, for each key.** The order is that in which the transactions that wrote the key were
//!   committed, and within one that in which they were written. An event is not handed over before a publisher has the one
//!   before it. Events without a key, and different keys, wait for nobody.
//! - **One relay at a time for each key.** An event is claimed before it is handed over: until a lease ends, no other relay
//!   has it. A relay that comes back after its lease can neither mark the event nor go on to the next, and
//!   [`Delivery::fencing`] lets a receiver refuse what it still sends.
//! - **A failure is local.** What fails is tried again after longer and longer pauses, and in the end parked, with a line in
//!   the log. The later events of its key wait for it; others do not. Parked events are [listed](Outbox::parked), tried
//!   again with [`resume`](Outbox::resume) or given up with [`skip`](Outbox::skip); nothing else gives up an event.
//!
//! # What a receiver does
//!
//! It gets some events twice, and then the copies of one key may be late: first, second, first. It remembers what it has
//! done, in the transaction in which it does it. With keys that is one number for each: an event whose
//! [`sequence`](Delivery::sequence) is not higher than the last is done already. Without keys it is the
//! [`id`](Delivery::id). A receiver that only keeps the latest of each key compares [`fencing`](Delivery::fencing) numbers.
//!
//! # How it works
//!
//! Who writes an event of a key takes the next number of that key, from a row that stays locked until the commit. So numbers
//! are taken in the order of commits, leave no gaps, and become visible in order. Whoever writes the same key at the same
//! time waits, so an event is best written last; who writes several keys takes [`write_all`](Outbox::write_all).
//!
//! A relay looks for what is due, and takes the heads of it: of each key, the lowest number that is not delivered. It never
//! asks for what has a higher number than the last one it saw: ids, times and numbers of different keys become visible in
//! any order, and what is committed late would be skipped for ever. Claiming a head locks its row for a moment, and rows
//! that others have locked are passed over (`SKIP LOCKED`: `PostgreSQL`, MySQL 8, MariaDB 10.6; SQLite has one writer). The
//! claim is then a token, a number and the end of the lease in the row, by the database's clock; to write down how it went
//! takes the token. While the head is claimed the next one is not a head.
//!
//! After a commit through the same [`Outbox`], the relay looks at once; else every second. A look is one query, without a
//! lock, of a reader where the store has some. It reads an index of what is due: not what is parked or waits for a later
//! attempt, and no key that has no event. Where many wait behind the head of their key, they are put off until that is gone.
//!
//! # Under load
//!
//! What is claimed at once [grows](Relay::batch) with what waits. On a server, the relays of a store have two connections of
//! their own, beside those of its pool and with the same settings: they do not queue behind the requests. A server's limit
//! of connections has to have room for them. [`Outbox::lag`] tells how far relays are behind.
//!
//! A store that [closes](crate::store::Store::close) ends its relays, as [`Running::stop`] does.
//!
//! # What it cannot promise
//!
//! - Exactly once, or in order for every copy: see above.
//! - That a publisher which was given up does nothing any more: what it had sent may still arrive.
//! - An end to the table of keys: it keeps a row for each key that was ever used.

mod claim;
mod counts;
mod delivery;
mod event;
mod find;
mod flights;
mod in_process;
mod lag;
mod memory;
mod pace;
mod parked;
mod publisher;
mod queries;
mod relay;
mod rounds;
mod running;
mod schema;
mod settings;
mod settle;
mod trouble;
mod write;

pub use self::counts::Counts;
pub use self::delivery::Delivery;
pub use self::event::Event;
pub use self::in_process::InProcess;
pub use self::lag::Lag;
pub use self::parked::{Backlog, Parked};
pub use self::publisher::{Publisher, Publishing};
pub use self::relay::Relay;
pub use self::running::Running;
pub use self::schema::{MYSQL, POSTGRES, SQLITE};
pub use self::write::Outbox;
