//! A request whose handler inserts a row in the request's transaction, and one whose handler does not ask for it.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::post;
use axum_sqlx_tx::Tx;
use buttress::transaction::{RequestTransactions, RequestTx};
use http::{Request, Response, StatusCode};
use sqlx::{Postgres, Sqlite};
use tower::{Layer, Service, ServiceExt, service_fn};

use super::transaction::{
    INSERT_POSTGRES, INSERT_SQLITE, insert_postgres, insert_sqlite, postgres_pool, postgres_store, run, sqlite_pool,
    sqlite_store,
};
use super::{Group, contestant};

pub fn groups() -> Vec<Group> {
    vec![sqlite(), postgres(), unused()]
}

fn sqlite() -> Group {
    Group {
        name: "request's transaction on SQLite",
        about: "A whole axum request: begin, one insert, commit, 204. The worker thread that sqlx gives a connection is \
                not counted.",
        net: false,
        waits: true,
        contestants: vec![
            contestant("floor: sqlx by hand", || {
                answers(async || {
                    let insert = async |State(pool): State<sqlx::SqlitePool>| {
                        let mut tx = pool.begin().await.expect("a transaction");
                        sqlx::query(INSERT_SQLITE).bind(1).execute(&mut *tx).await.expect("an insert");
                        tx.commit().await.expect("a commit");
                        StatusCode::NO_CONTENT
                    };
                    Router::new().route("/", post(insert)).with_state(sqlite_pool().await)
                })
            }),
            contestant("peer: axum-sqlx-tx", || {
                answers(async || {
                    let insert = async |mut tx: Tx<Sqlite>| {
                        sqlx::query(INSERT_SQLITE).bind(1).execute(&mut tx).await.expect("an insert");
                        StatusCode::NO_CONTENT
                    };
                    let (state, layer) = Tx::<Sqlite>::setup(sqlite_pool().await);
                    Router::new().route("/", post(insert)).layer(layer).with_state(state)
                })
            }),
            contestant("buttress::RequestTx", || {
                answers(async || {
                    let insert =
                        async |mut tx: RequestTx| insert_sqlite(&mut tx).await.map(|()| StatusCode::NO_CONTENT);
                    let layer = RequestTransactions::new(sqlite_store().await);
                    Router::new().route("/", post(insert)).layer(layer)
                })
            }),
        ],
    }
}

fn postgres() -> Group {
    Group {
        name: "request's transaction on PostgreSQL",
        about: "The same on PostgreSQL, over loopback; no connection is tested when it is taken.",
        net: false,
        waits: true,
        contestants: vec![
            contestant("floor: sqlx by hand", || {
                answers(async || {
                    let insert = async |State(pool): State<sqlx::PgPool>| {
                        let mut tx = pool.begin().await.expect("a transaction");
                        sqlx::query(INSERT_POSTGRES).bind(1).execute(&mut *tx).await.expect("an insert");
                        tx.commit().await.expect("a commit");
                        StatusCode::NO_CONTENT
                    };
                    Router::new().route("/", post(insert)).with_state(postgres_pool().await)
                })
            }),
            contestant("peer: axum-sqlx-tx", || {
                answers(async || {
                    let insert = async |mut tx: Tx<Postgres>| {
                        sqlx::query(INSERT_POSTGRES).bind(1).execute(&mut tx).await.expect("an insert");
                        StatusCode::NO_CONTENT
                    };
                    let (state, layer) = Tx::<Postgres>::setup(postgres_pool().await);
                    Router::new().route("/", post(insert)).layer(layer).with_state(state)
                })
            }),
            contestant("buttress::RequestTx", || {
                answers(async || {
                    let insert =
                        async |mut tx: RequestTx| insert_postgres(&mut tx).await.map(|()| StatusCode::NO_CONTENT);
                    let layer = RequestTransactions::new(postgres_store().await);
                    Router::new().route("/", post(insert)).layer(layer)
                })
            }),
        ],
    }
}

fn unused() -> Group {
    Group {
        name: "request's transaction, not asked for",
        about: "The layer around a service that answers 204, without a router. The request has an extension already, as \
                every request of hyper.",
        net: true,
        waits: false,
        contestants: vec![
            contestant("no layer", || run(async || service_fn(no_content), answer)),
            contestant("floor: a shared cell by hand", || run(async || service_fn(shares_a_cell), answer)),
            contestant("peer: axum-sqlx-tx", || {
                run(
                    async || {
                        let (_, layer) = Tx::<Postgres>::setup(postgres_pool().await);
                        layer.layer(service_fn(no_content))
                    },
                    answer,
                )
            }),
            contestant("buttress::RequestTransactions", || {
                run(async || RequestTransactions::new(postgres_store().await).layer(service_fn(no_content)), answer)
            }),
        ],
    }
}

/// The minimum that a handler and a layer around it need to communicate.
async fn shares_a_cell(mut request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let cell = Arc::new(OnceLock::<u64>::new());
    request.extensions_mut().insert(Arc::clone(&cell));
    let answer = no_content(request).await;
    assert!(cell.get().is_none());
    answer
}

async fn no_content(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

async fn answer<S, B>(service: &S)
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + Clone,
{
    let request = Request::post("/").extension(()).body(Body::empty()).expect("a request");
    let Ok(response) = service.clone().oneshot(request).await;
    assert_eq!(response.status(), 204);
    black_box(response);
}

/// Sends one request in each run, and reads the whole response.
fn answers(router: impl AsyncFn() -> Router + 'static) -> Box<dyn FnMut()> {
    run(router, async |router: &Router| {
        let request = Request::post("/").body(Body::empty()).expect("a request");
        let response = router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(response.status(), 204);
        black_box(response);
    })
}
