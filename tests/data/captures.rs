//! The compiler accepts transactions wherever they are written: with borrowed captures, in handlers, in tasks, in
//! traits.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::routing::post;
use buttress::store::{Error, Memory, Session, Store, Work};
use futures_util::future::join;
use tower::ServiceExt as _;

type Names = Vec<String>;

fn store() -> (Memory<Names>, Store) {
    let memory = Memory::new(Names::new());
    (memory.clone(), Store::from(memory))
}

async fn insert(on: &mut Session, name: &str) -> Result<usize, Error> {
    on.memory::<Names>()?.write(|names| names.push(name.to_owned())).await?;
    Ok(on.memory::<Names>()?.read(Vec::len))
}

/// The captures are borrowed, and the future borrows them until it ends.
async fn insert_all(store: &Store, names: &[String], suffix: &str) -> Result<usize, Error> {
    let mut longest = String::new();
    let count = store
        .transaction(async |tx| {
            let mut count = 0;
            for name in names {
                count = tx.transaction(async |tx| insert(tx, &format!("{name}{suffix}")).await).await?;
            }
            Ok::<_, Error>(count)
        })
        .await?;
    for name in names {
        if name.len() > longest.len() {
            longest.clone_from(name);
        }
    }
    store.transaction_once(async |tx| insert(tx, &longest).await).await.map(|more| count.max(more))
}

#[tokio::test]
async fn with_borrowed_captures() {
    let (memory, store) = store();
    let names = [String::from("ann"), String::from("bob")];
    assert_eq!(insert_all(&store, &names, "!").await.unwrap(), 3);
    assert_eq!(*memory.committed(), ["ann!", "bob!", "ann"]);
}

#[tokio::test]
async fn in_an_axum_handler() {
    async fn handler(State(store): State<Store>, body: String) -> Result<String, StatusCode> {
        let lines: Vec<&str> = body.lines().collect();
        let inserted = store.transaction(async |tx| {
            for line in &lines {
                insert(tx, line).await?;
            }
            Ok::<_, Error>(lines.len())
        });
        inserted.await.map(|count| count.to_string()).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
    }

    let (memory, store) = store();
    let service = Router::new().route("/", post(handler)).with_state(store);
    let response = service.oneshot(Request::post("/").body(Body::from("ann\nbob")).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(*memory.committed(), ["ann", "bob"]);
}

#[tokio::test]
async fn in_a_spawned_task() {
    let (memory, store) = store();
    let name = Arc::<str>::from("ann");
    let task = tokio::spawn({
        let name = Arc::clone(&name);
        async move { store.transaction(async |tx| insert(tx, &name).await).await }
    });
    assert_eq!(task.await.unwrap().unwrap(), 1);
    assert_eq!(*memory.committed(), [&*name]);
}

/// The form that `async-trait` gives a method.
trait Service: Send + Sync {
    fn place<'a>(&'a self, name: &'a str) -> Pin<Box<dyn Future<Output = Result<usize, Error>> + Send + 'a>>;
}

struct Shop {
    store: Store,
    suffix: String,
}

impl Service for Shop {
    fn place<'a>(&'a self, name: &'a str) -> Pin<Box<dyn Future<Output = Result<usize, Error>> + Send + 'a>> {
        Box::pin(async move {
            let full = format!("{name}{}", self.suffix);
            self.store.transaction(async |tx| insert(tx, &full).await).await
        })
    }
}

#[tokio::test]
async fn in_a_method_of_a_trait_object() {
    let (memory, store) = store();
    let shop: Arc<dyn Service> = Arc::new(Shop { store, suffix: String::from("!") });
    assert_eq!(shop.place("ann").await.unwrap(), 1);
    assert_eq!(*memory.committed(), ["ann!"]);
}

/// A repository of any kind, behind a pointer, as services hold it.
trait Repository: Send + Sync {
    fn insert<'a>(
        &'a self,
        on: &'a mut Session,
        name: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<usize, Error>> + Send + 'a>>;
}

struct InMemory;

impl Repository for InMemory {
    fn insert<'a>(
        &'a self,
        on: &'a mut Session,
        name: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<usize, Error>> + Send + 'a>> {
        Box::pin(insert(on, name))
    }
}

/// A custom helper that is generic over the work.
async fn twice<F, R>(store: &Store, work: F) -> Result<(R, R), Error>
where
    for<'r> F: Work<&'r mut Session, Result<R, Error>, Fut: Send> + Clone + Send,
    R: Send,
{
    let first = store.transaction(work.clone()).await?;
    Ok((first, store.transaction(work).await?))
}

/// A custom helper that is generic over a step in the middle of its own work.
async fn audited<F, R, E>(store: &Store, what: &str, work: F) -> Result<R, E>
where
    for<'r> F: Work<&'r mut Session, Result<R, E>, Fut: Send> + Clone + Send + Sync,
    R: Send,
    E: From<Error> + Send,
{
    store
        .transaction(async |tx| {
            let result = tx.transaction(work.clone()).await?;
            insert(tx, what).await?;
            Ok(result)
        })
        .await
}

#[tokio::test]
async fn in_generic_helpers() {
    let (memory, store) = store();
    let repository: Arc<dyn Repository> = Arc::new(InMemory);
    let name = String::from("ann");
    assert_eq!(twice(&store, async |tx| repository.insert(tx, &name).await).await.unwrap(), (1, 2));
    let audited: Result<usize, Error> =
        audited(&store, "somebody was here", async |tx| repository.insert(tx, &name).await).await;
    assert_eq!(audited.unwrap(), 3);
    assert_eq!(*memory.committed(), ["ann", "ann", "ann", "somebody was here"]);
}

/// Functions are accepted as work, too.
#[tokio::test]
async fn as_a_function() {
    async fn work(tx: &mut Session) -> Result<usize, Error> {
        tx.transaction(nested).await?;
        insert(tx, "bob").await
    }

    async fn nested(tx: &mut Session) -> Result<usize, Error> {
        tx.transaction(async |tx| tx.transaction(async |tx| insert(tx, "ann").await).await).await
    }

    let (memory, store) = store();
    assert_eq!(store.transaction(work).await.unwrap(), 2);
    assert_eq!(store.transaction_once(work).await.unwrap(), 4);
    assert_eq!(memory.committed().len(), 4);
}

/// Owned values are moved into work that runs once.
#[tokio::test]
async fn with_captures_that_cannot_be_cloned() {
    struct Order(String);

    let (memory, store) = store();
    let order = Order(String::from("ann"));
    let placed = store.transaction_once(async move |tx| {
        insert(tx, &order.0).await?;
        Ok::<_, Error>(order)
    });
    assert_eq!(placed.await.unwrap().0, "ann");
    assert_eq!(memory.committed().len(), 1);
}

/// Futures of transactions can be sent, held, raced.
#[tokio::test]
async fn as_futures_among_others() {
    fn sendable<T: Send>(value: T) -> T {
        value
    }

    let (memory, store) = store();
    let name = String::from("ann");
    let one = sendable(store.transaction(async |tx| insert(tx, &name).await));
    let other: Pin<Box<dyn Future<Output = Result<usize, Error>> + Send + '_>> =
        Box::pin(store.transaction(async |tx| insert(tx, &name).await));
    let (one, other) = join(one, other).await;
    assert_eq!(one.unwrap() + other.unwrap(), 3);
    tokio::select! {
        done = store.transaction(async |tx| insert(tx, &name).await) => assert_eq!(done.unwrap(), 3),
        () = std::future::pending() => {}
    }
    assert_eq!(memory.committed().len(), 3);
}
