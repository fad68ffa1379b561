use std::time::Duration;

use buttress::Problem;

/// What can go wrong with any database. No client is to blame for it.
#[derive(Debug, thiserror::Error, Problem)]
pub enum StoreError {
    /// Others kept the database busy for longer than a request may wait.
    #[error("the database is busy")]
    #[problem(status = 503, code = "busy", title = "Busy")]
    Busy {
        /// What the database said.
        source: sqlx::Error,
        /// When to come back.
        #[problem(retry_after)]
        retry_after: Duration,
    },

    /// Anything else.
    #[error("the database failed")]
    #[problem(status = 500, code = "internal", title = "Internal server error")]
    Failed(#[source] sqlx::Error),
}

impl StoreError {
    /// Something is stored that this version cannot have written.
    pub(super) fn corrupt(what: &'static str) -> Self {
        Self::Failed(sqlx::Error::Decode(format!("{what} cannot be read").into()))
    }
}

/// How long a client is asked to stay away from a busy database.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// SQLite's primary codes for a lock that another connection holds: `SQLITE_BUSY` and `SQLITE_LOCKED`.
const LOCKED: [i32; 2] = [5, 6];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_busy(&error) { Self::Busy { source: error, retry_after: RETRY_AFTER } } else { Self::Failed(error) }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut => true,
        // The code is the extended one; its low byte is the primary code.
        sqlx::Error::Database(error) => {
            error.code().and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| LOCKED.contains(&(code & 0xff)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_the_database_busy_is_told_when_to_come_back() {
        let problem = Problem::from(StoreError::from(sqlx::Error::PoolTimedOut));
        assert_eq!((problem.status().as_u16(), problem.code()), (503, "busy"));
        assert_eq!(problem.headers()["retry-after"], "1");
    }
}
