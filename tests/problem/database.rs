//! The facts of a database's error, in the log of a service that wraps `sqlx::Error` itself.

use buttress::Problem;
use sqlx::sqlite::SqlitePoolOptions;

use crate::masking::logged;

#[derive(Debug, thiserror::Error, Problem)]
enum RepoError {
    #[error("cannot store the order")]
    #[problem(status = 500)]
    Store(#[source] sqlx::Error),
    #[error(transparent)]
    #[problem(status = 503)]
    Any(#[from] sqlx::Error),
}

async fn duplicate() -> sqlx::Error {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql("CREATE TABLE orders (customer TEXT UNIQUE); INSERT INTO orders VALUES ('hunter2')")
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("INSERT INTO orders VALUES ('hunter2')").execute(&pool).await.unwrap_err()
}

#[tokio::test]
async fn the_code_of_a_databases_error_is_in_the_log_once() {
    for error in [RepoError::Store(duplicate().await), RepoError::Any(duplicate().await)] {
        let name = if matches!(error, RepoError::Store(_)) { "RepoError::Store" } else { "RepoError::Any" };
        let events = logged(|| Problem::from(error).report(Some("0198")));
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(event["fields"]["problem.variant"], name);
        let text = event["fields"]["error"].as_str().unwrap();
        assert!(text.ends_with("UNIQUE constraint failed: orders.customer (code 2067)"), "{text}");
        assert_eq!(text.matches("code 2067").count(), 1, "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}
