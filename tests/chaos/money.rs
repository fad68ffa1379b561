//! Money moves between accounts, from many concurrent tasks that conflict: no money appears, none is lost, and each
//! transfer that was reported as done has been done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use buttress::sql::sql;
use buttress::store::{Error, ErrorKind, Isolation, Outcome, Retry, Session, Store, TransactionOptions};

use crate::arena::{ChaosDatabase, Kill};
use crate::ledger::{End, Ledger};
use crate::support::{Fresh, soak};

const TASKS: usize = 16;
/// Few, so that transfers conflict.
const ACCOUNTS: i64 = 10;
const INITIAL: i64 = 1_000;

/// The errors that a transfer may return: the account holds too little (the work's own error), it conflicted too often,
/// it lost its connection, or it timed out.
const EXPECTED: [ErrorKind; 9] = [
    ErrorKind::CheckViolation,
    ErrorKind::Aborted,
    ErrorKind::Serialization,
    ErrorKind::Deadlock,
    ErrorKind::LockTimeout,
    ErrorKind::ConnectionLost,
    ErrorKind::UnknownCommit,
    ErrorKind::StatementTimeout,
    ErrorKind::DeadlineExceeded,
];

/// A transfer from one account to another.
#[derive(Debug, Clone, Copy)]
struct Transfer {
    id: i64,
    payer: i64,
    payee: i64,
    amount: i64,
}

impl Transfer {
    /// In either direction, so that two transfers lock the same accounts in opposite orders.
    fn random(id: i64) -> Self {
        let payer = fastrand::i64(0..ACCOUNTS);
        let payee = (payer + fastrand::i64(1..ACCOUNTS)) % ACCOUNTS;
        Self { id, payer, payee, amount: fastrand::i64(1..INITIAL / 2) }
    }

    /// Computes both balances in the client, as a service does, so that a lost update creates money.
    async fn run(self, tx: &mut Session, locked: bool) -> Result<(), Error> {
        let left = balance(tx, self.payer, locked).await? - self.amount;
        let more = balance(tx, self.payee, locked).await? + self.amount;
        self.survive(set(tx, self.payer, left).await)?;
        let entry = sql("INSERT INTO journal VALUES (?, ?, ?, ?)");
        entry.bind(self.id).bind(self.payer).bind(self.payee).bind(self.amount).execute(tx).await?;
        self.survive(set(tx, self.payee, more).await)?;
        // Checked last, so that there is a change to undo.
        if left < 0 { Err(Error::new(ErrorKind::CheckViolation)) } else { Ok(()) }
    }

    /// Some transfers are careless: they continue after an error that undid the whole transaction, as if they were
    /// still in it.
    fn survive(self, result: Result<(), Error>) -> Result<(), Error> {
        let fatal = |error: &Error| matches!(error.kind(), ErrorKind::Deadlock | ErrorKind::Serialization);
        result.or_else(|error| if self.id % 4 == 0 && fatal(&error) { Ok(()) } else { Err(error) })
    }
}

async fn balance(tx: &mut Session, account: i64, locked: bool) -> Result<i64, Error> {
    let select = sql("SELECT balance FROM accounts WHERE id = ?");
    let select = if locked { select.push("FOR UPDATE") } else { select };
    select.bind(account).fetch_one(tx).await?.get("balance")
}

async fn set(tx: &mut Session, account: i64, balance: i64) -> Result<(), Error> {
    sql("UPDATE accounts SET balance = ? WHERE id = ?").bind(balance).bind(account).execute(tx).await.map(drop)
}

struct Bank<DB: ChaosDatabase> {
    fresh: Fresh<DB>,
    ledger: Ledger,
    options: TransactionOptions,
    locked: bool,
    over: AtomicBool,
}

impl<DB: ChaosDatabase> Bank<DB> {
    async fn open(options: TransactionOptions, locked: bool) -> Arc<Self> {
        let fresh = DB::roomy().await;
        fresh.run("CREATE TABLE accounts (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL)").await;
        fresh
            .run("CREATE TABLE journal (id BIGINT PRIMARY KEY, payer BIGINT NOT NULL, payee BIGINT NOT NULL, amount BIGINT NOT NULL)")
            .await;
        for id in 0..ACCOUNTS {
            fresh.run(&format!("INSERT INTO accounts VALUES ({id}, {INITIAL})")).await;
        }
        let options =
            options.retry(Retry::new().attempts(10).backoff(Duration::from_millis(5), Duration::from_millis(50)));
        Arc::new(Self { fresh, ledger: Ledger::expecting(&EXPECTED), options, locked, over: AtomicBool::new(false) })
    }

    async fn run(self: Arc<Self>, name: &str) {
        let transfers = soak(400, 10_000);
        let tasks: Vec<_> = (0..TASKS).map(|_| tokio::spawn(Arc::clone(&self).customer(transfers))).collect();
        let auditor = tokio::spawn(Arc::clone(&self).auditor());
        let robber = tokio::spawn(Arc::clone(&self).robber());
        for task in tasks {
            task.await.unwrap();
        }
        self.over.store(true, Ordering::SeqCst);
        let (audits, ()) = (auditor.await.unwrap(), robber.await.unwrap());
        self.ledger.report(&format!("{name}, {}, {audits} audits", DB::NAME));
        self.books_are_right().await;
    }

    /// Moves money until there have been enough transfers.
    async fn customer(self: Arc<Self>, transfers: usize) {
        while self.ledger.ended() < transfers {
            let transfer = Transfer::random(self.ledger.begin());
            let outcome = match fastrand::u8(..8) {
                0 => tokio::time::timeout(a_moment(), self.transfer(self.options, transfer)).await.ok(),
                1 => Some(self.transfer(self.options.deadline(a_moment()), transfer).await),
                _ => Some(self.transfer(self.options, transfer).await),
            };
            self.ledger.end(transfer.id, outcome.as_ref());
        }
    }

    async fn transfer(&self, options: TransactionOptions, transfer: Transfer) -> Outcome<(), Error> {
        let locked = self.locked;
        self.fresh.store.with_options(options).try_transaction(async move |tx| transfer.run(tx, locked).await).await
    }

    /// Reads the balances all the while: half of a transfer must never be visible.
    async fn auditor(self: Arc<Self>) -> usize {
        let options = TransactionOptions::new().read_only().isolation(Isolation::RepeatableRead);
        let mut audits = 0;
        while !self.over.load(Ordering::SeqCst) {
            match audit(&self.fresh.store.with_options(options)).await {
                Ok(total) => assert_eq!(total, ACCOUNTS * INITIAL),
                Err(error) => assert!(EXPECTED.contains(&error.kind()), "{error:?}"),
            }
            audits += 1;
        }
        audits
    }

    /// Kills connections all the while.
    async fn robber(self: Arc<Self>) {
        while !self.over.load(Ordering::SeqCst) {
            let (before, some) = (self.ledger.ended(), fastrand::usize(10..100));
            while self.ledger.ended() < before + some && !self.over.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            DB::kill(&self.fresh.witness, Kill::any_one()).await;
        }
    }

    async fn books_are_right(&self) {
        self.fresh.pool_is_clean().await;
        assert_eq!(self.fresh.number("SELECT sum(balance) FROM accounts").await, ACCOUNTS * INITIAL);
        assert_eq!(self.fresh.number("SELECT count(*) FROM accounts WHERE balance < 0").await, 0);
        let differ = format!(
            "SELECT count(*) FROM accounts a WHERE balance <> {INITIAL}
                + coalesce((SELECT sum(amount) FROM journal WHERE payee = a.id), 0)
                - coalesce((SELECT sum(amount) FROM journal WHERE payer = a.id), 0)"
        );
        assert_eq!(self.fresh.number(&differ).await, 0);
        let entries = DB::pairs(&self.fresh.witness, "SELECT id, count(*) FROM journal GROUP BY id").await;
        self.ledger.agrees_with(&entries, 1);
        assert!(!self.ledger.which(End::Committed).is_empty());
    }
}

async fn audit(store: &Store) -> Result<i64, Error> {
    store
        .transaction(async |tx| {
            let mut total = 0;
            for account in 0..ACCOUNTS {
                total += balance(tx, account, false).await?;
            }
            Ok(total)
        })
        .await
}

/// About as long as a transfer takes.
fn a_moment() -> Duration {
    Duration::from_micros(fastrand::u64(..30_000))
}

/// Each transaction reads the rows that it writes: the database must detect that two of them cannot both have been
/// first. SQLite has one writer and no other level.
async fn money_moves_serializably<DB: ChaosDatabase>() {
    let options = TransactionOptions::new().isolation(Isolation::Serializable);
    Bank::<DB>::open(options, false).await.run("serializable").await;
}

/// At the database's default level, with locks on the rows that are read, taken in any order.
async fn money_moves_under_locks<DB: ChaosDatabase>() {
    Bank::<DB>::open(TransactionOptions::new(), true).await.run("under locks").await;
}

on_every_database! {
    money_moves_serializably;
}

on_every_server! {
    money_moves_under_locks;
}
