//! Plays a script: each line runs once the one before it has returned, or its transaction is seen to wait for a lock.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use buttress::sql::{Conn, Database};
use buttress::store::{Error, ErrorKind, Isolation, Session, Store, TransactionOptions};
use sqlx::mysql::MySqlPoolOptions;
use sqlx::{Executor, MySql, Postgres, Sqlite};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::script::{Line, Who};
use crate::arena::ChaosDatabase;
use crate::support::{Fresh, TestDatabase, innodb_transactions};

/// How to see the transactions that wait.
pub(super) trait Staged: ChaosDatabase {
    /// A database whose connections have a setting.
    fn set(setting: &'static str) -> impl Future<Output = Fresh<Self>> + Send;

    /// How many of the transactions wait for a lock of another one.
    fn waiting(stage: &Stage<Self>) -> impl Future<Output = usize> + Send;

    /// Reads a number, in a transaction.
    fn read(conn: &mut Conn<Self>, sql: &'static str) -> impl Future<Output = Result<i64, sqlx::Error>> + Send;
}

pub(super) struct Stage<DB: Staged> {
    fresh: Fresh<DB>,
    store: Store,
    players: Vec<Player>,
}

struct Player {
    lines: UnboundedSender<Line>,
    answers: UnboundedReceiver<Answer>,
    /// Lines that were sent and have not returned.
    open: usize,
    inside: Arc<AtomicBool>,
    reads: Vec<i64>,
    end: Option<Result<(), ErrorKind>>,
}

#[derive(Debug)]
enum Answer {
    Read(i64),
    Done,
    Ended(Result<(), ErrorKind>),
}

/// The results of a play.
#[derive(Debug)]
pub(super) struct Heard {
    reads: Vec<Vec<i64>>,
    ends: Vec<Result<(), ErrorKind>>,
    /// The rows of the table at the end.
    pub(super) rows: Vec<(i64, i64)>,
}

impl Heard {
    pub(super) fn read(&self, who: Who) -> &[i64] {
        &self.reads[who as usize]
    }

    pub(super) fn committed(&self, who: Who) -> bool {
        self.ends[who as usize].is_ok()
    }

    pub(super) fn both_committed(&self) -> bool {
        self.committed(Who::A) && self.committed(Who::B)
    }
}

impl<DB: Staged> Stage<DB> {
    pub(super) async fn new(level: Option<Isolation>, setting: Option<&'static str>) -> Self {
        let fresh = match setting {
            Some(setting) => DB::set(setting).await,
            None => DB::fresh(3).await,
        };
        fresh.run(DB::TABLE).await;
        let options = level.map_or(TransactionOptions::new(), |level| TransactionOptions::new().isolation(level));
        let store = fresh.store.with_options(options);
        Self { fresh, store, players: Vec::new() }
    }

    pub(super) async fn play(&mut self, lines: &[(Who, Line)]) -> Heard {
        self.fresh.run("DELETE FROM t").await;
        self.fresh.run("INSERT INTO t VALUES (1, 10), (2, 20)").await;
        for &(who, line) in lines {
            // They start in the order of their names.
            while self.players.len() <= who as usize {
                self.players.push(Player::new::<DB>(self.store.clone()));
            }
            self.players[who as usize].say(line);
            self.settle().await;
        }
        let rows = DB::pairs(&self.fresh.witness, "SELECT id, n FROM t ORDER BY id").await;
        let ends: Vec<_> = self.players.iter().map(|player| player.end.expect("the play is over")).collect();
        for kind in ends.iter().filter_map(|end| end.err()).filter(|kind| *kind != ErrorKind::Other) {
            assert!(kind.is_retryable(), "who is refused is told to try again: {kind:?}");
        }
        self.fresh.pool_is_clean().await;
        Heard { reads: self.players.drain(..).map(|player| player.reads).collect(), ends, rows }
    }

    /// Waits until every transaction has returned, or waits for another one.
    async fn settle(&mut self) {
        for _ in 0..500 {
            for player in &mut self.players {
                player.listen().await;
            }
            let open = self.players.iter().filter(|player| player.open > 0).count();
            if open == 0 || DB::waiting(self).await == open {
                return;
            }
        }
        panic!("somebody neither answers nor waits for a lock");
    }
}

impl Player {
    fn new<DB: Staged>(store: Store) -> Self {
        let (lines, heard) = mpsc::unbounded_channel();
        let (said, answers) = mpsc::unbounded_channel();
        let inside = Arc::new(AtomicBool::new(false));
        let entered = Arc::clone(&inside);
        tokio::spawn(async move {
            let answers = said.clone();
            let end = store.transaction_once(async move |tx| {
                entered.store(true, Ordering::SeqCst);
                perform::<DB>(tx, heard, answers).await
            });
            let _ = said.send(Answer::Ended(end.await.map_err(|error| error.kind())));
        });
        Self { lines, answers, open: 0, inside, reads: Vec::new(), end: None }
    }

    /// Sends a line, unless the transaction has been refused before.
    fn say(&mut self, line: Line) {
        if self.lines.send(line).is_ok() && self.end.is_none() {
            self.open += 1;
        }
    }

    /// Collects results for a moment.
    async fn listen(&mut self) {
        while self.open > 0 {
            match tokio::time::timeout(Duration::from_millis(20), self.answers.recv()).await {
                Err(_) => return,
                Ok(Some(Answer::Read(n))) => self.reads.push(n),
                Ok(Some(Answer::Done)) => {}
                Ok(Some(Answer::Ended(end))) => {
                    self.end = Some(end);
                    self.open = 1;
                }
                Ok(None) => panic!("a player has gone"),
            }
            self.open -= 1;
        }
    }

    fn is_inside(&self) -> bool {
        self.inside.load(Ordering::SeqCst) && self.end.is_none()
    }
}

/// Runs the lines that it gets, until it is refused or told to end.
async fn perform<DB: Staged>(
    tx: &mut Session,
    mut lines: UnboundedReceiver<Line>,
    answers: UnboundedSender<Answer>,
) -> Result<(), Error> {
    while let Some(line) = lines.recv().await {
        let conn = tx.sql::<DB>().await?;
        let answer = match line {
            Line::Read(sql) => Answer::Read(DB::read(conn, sql).await?),
            Line::Write(sql) => {
                conn.execute(sqlx::raw_sql(sql)).await?;
                Answer::Done
            }
            Line::Commit => return Ok(()),
            Line::Rollback => break,
        };
        let _ = answers.send(answer);
    }
    Err(Error::new(ErrorKind::Other))
}

impl Staged for Postgres {
    async fn set(_: &'static str) -> Fresh<Self> {
        unreachable!("no setting is needed here")
    }

    /// A released lock is given to the next transaction at once, so this is never out of date.
    async fn waiting(stage: &Stage<Self>) -> usize {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0";
        usize::try_from(stage.fresh.number(waiting).await).unwrap()
    }

    async fn read(conn: &mut Conn<Self>, sql: &'static str) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT ({sql})::bigint"))).fetch_one(conn).await
    }
}

impl Staged for MySql {
    async fn set(setting: &'static str) -> Fresh<Self> {
        let mut fresh = Self::fresh(1).await;
        let options = fresh.witness.connect_options().as_ref().clone();
        let pool = MySqlPoolOptions::new().max_connections(3);
        let pool = pool
            .after_connect(move |connection, _| Box::pin(async move { connection.execute(setting).await.map(drop) }));
        fresh.sql = Database::from_pool(pool.connect_with(options).await.unwrap());
        fresh.store = Store::from(fresh.sql.clone());
        fresh
    }

    async fn waiting(stage: &Stage<Self>) -> usize {
        let open = innodb_transactions(&stage.fresh.witness).await;
        open.iter().filter(|transaction| transaction.contains("LOCK WAIT")).count()
    }

    async fn read(conn: &mut Conn<Self>, sql: &'static str) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT CAST(({sql}) AS SIGNED)"))).fetch_one(conn).await
    }
}

impl Staged for Sqlite {
    async fn set(_: &'static str) -> Fresh<Self> {
        unreachable!("no setting is needed here")
    }

    /// SQLite has one lock, which is taken at the begin.
    async fn waiting(stage: &Stage<Self>) -> usize {
        let taken = stage.players.iter().any(Player::is_inside);
        stage.players.iter().filter(|player| taken && player.end.is_none() && !player.is_inside()).count()
    }

    async fn read(conn: &mut Conn<Self>, sql: &'static str) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar(sql).fetch_one(conn).await
    }
}
