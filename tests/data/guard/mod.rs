//! Whatever a text does to the transaction around it, the outcome is true: `Ok` means that everything is kept, an error
//! that nothing is, unless it says that this is unknown; and the connection goes back outside of any transaction.

mod autocommit;
mod left_open;
mod texts;

use buttress::sql::{Tx, transaction};
use buttress::store::{Error, ErrorKind, Session, TransactionOptions};

use crate::support::statements::{insert, run, script};
use crate::support::{Fresh, TestDatabase};

/// How a text is sent.
#[derive(Debug, Clone, Copy)]
enum Sent {
    Prepared,
    AsScript,
    /// By a statement that names no database.
    Portable,
}

const WAYS: [Sent; 3] = [Sent::Prepared, Sent::AsScript, Sent::Portable];

impl Sent {
    async fn send<DB: TestDatabase>(self, on: &mut Session, text: &'static str) -> Result<(), Error> {
        match self {
            Self::Prepared => run::<DB>(on, text).await,
            Self::AsScript => script::<DB>(on, text).await,
            Self::Portable => buttress::sql::sql(text).execute(on).await.map(drop),
        }
    }
}

/// Writes a row, sends the text, writes another row, and returns the acknowledged rows.
async fn around<DB: TestDatabase>(on: &mut Session, text: &'static str, way: Sent) -> Vec<i64> {
    let mut kept = Vec::new();
    if insert::<DB>(on, 1).await.is_ok() {
        kept.push(1);
    }
    let _ = way.send::<DB>(on, text).await;
    if insert::<DB>(on, 2).await.is_ok() {
        kept.push(2);
    }
    kept
}

async fn has<DB: TestDatabase>(fresh: &Fresh<DB>, ids: &[i64]) -> bool {
    let mut all = true;
    for id in ids {
        all &= fresh.number(&format!("SELECT count(*) FROM t WHERE id = {id}")).await == 1;
    }
    all
}

/// Fails unless an outcome matches the table.
async fn is_true<DB: TestDatabase>(fresh: &Fresh<DB>, outcome: Result<Vec<i64>, Error>, what: &str) {
    match outcome {
        Ok(acknowledged) => assert!(has(fresh, &acknowledged).await, "{what}: committed, and not kept"),
        Err(error) if matches!(error.kind(), ErrorKind::TransactionLost | ErrorKind::UnknownCommit) => {}
        Err(error) => {
            let rows = fresh.number("SELECT count(*) FROM t").await;
            assert_eq!(rows, 0, "{what}: rolled back with {:?}, and kept", error.kind());
        }
    }
    fresh.pool_is_clean().await;
    fresh.run("DELETE FROM t").await;
}

/// Tries a text in every way, in a transaction that is to be kept, in one that is to be undone, and in none.
async fn outcomes_are_true<DB: TestDatabase>(fresh: &Fresh<DB>, text: &'static str) {
    for (way, fails) in WAYS.into_iter().flat_map(|way| [(way, false), (way, true)]) {
        let work = async move |tx: &mut Session| {
            let acknowledged = around::<DB>(tx, text, way).await;
            if fails { Err(Error::from(ErrorKind::RowNotFound)) } else { Ok(acknowledged) }
        };
        let what = format!("{text:?}, {way:?}, fails: {fails}");
        is_true(fresh, fresh.store.transaction_once(work).await, &what).await;
        let typed =
            transaction(fresh.sql.pool(), TransactionOptions::new(), async |tx: &mut Tx<DB>| work(tx).await).await;
        is_true(fresh, typed, &format!("typed, {what}")).await;
        let nested = fresh.store.transaction_once(async |tx| {
            let nested = tx.transaction(work).await;
            if fails { Err(ErrorKind::RowNotFound.into()) } else { nested }
        });
        is_true(fresh, nested.await, &format!("nested, {what}")).await;
        let swallowed = fresh.store.transaction_once(async |tx| Ok(tx.transaction(work).await.unwrap_or_default()));
        is_true(fresh, swallowed.await, &format!("nested and swallowed, {what}")).await;
    }
    for way in WAYS {
        let acknowledged = around::<DB>(&mut fresh.store.session(), text, way).await;
        is_true(fresh, Ok(acknowledged), &format!("in no transaction, {text:?}, {way:?}")).await;
    }
}
