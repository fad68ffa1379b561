//! Lists in pages: the query that asks for a page, the cursors from one page to the next, and the response.
//!
//! A page begins after the last item of the page before it, and not after a number of items. An item that is added or
//! removed meanwhile neither repeats nor hides another one, and a late page costs as much as the first. The position
//! of that last item is in a [`Cursor`], which the client gets in `next` and sends back unchanged. It is signed with
//! the service's [`CursorKeys`], so a client cannot make one up.
//!
#![cfg_attr(feature = "extract", doc = "```")]
#![cfg_attr(not(feature = "extract"), doc = "```ignore")]
//! use buttress::extract::Query;
//! use buttress::handler::service;
//! use buttress::page::{CursorKeys, Page, PageQuery};
//! use buttress::{Problem, State};
//! use http::{Request, Uri};
//! use tower::ServiceExt;
//!
//! # fn rows(after: Option<u64>, count: u32) -> Vec<u64> { (after.map_or(0, |last| last + 1)..).take(count as usize).collect() }
//! async fn numbers(
//!     State(keys): State<CursorKeys>,
//!     uri: Uri,
//!     Query(query): Query<PageQuery>,
//! ) -> Result<Page<u64>, Problem> {
//!     // The second argument is what decides which items the list has, and in which order.
//!     let cursor = keys.cursor::<u64>("numbers", &"ascending")?;
//!     let after = cursor.after(query.cursor())?;
//!     let rows = rows(after, query.rows_to_read());
//!     Ok(Page::of(rows, query.limit(), |last| cursor.encode(last))?.linked(&uri))
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let numbers = service(numbers, CursorKeys::random().unwrap());
//! let get = |uri: &str| Request::get(uri).body(String::new()).unwrap();
//! let first = numbers.clone().oneshot(get("/numbers?limit=3")).await.unwrap();
//! let link = first.headers()["link"].to_str().unwrap().to_owned(); // </numbers?limit=3&cursor=AX…>; rel="next"
//! let next = link.split(['<', '>']).nth(1).unwrap();
//! # use http_body_util::BodyExt;
//! let second = numbers.oneshot(get(next)).await.unwrap().into_body().collect().await.unwrap().to_bytes();
//! assert!(second.starts_with(br#"{"items":[3,4,5],"next":"A"#));
//! # });
//! ```
//!
//! [`PageQuery`] (feature `payload`) shows a list that has filters as well.

mod base64url;
mod cursor;
mod error;
mod keys;
mod link;
#[cfg(feature = "payload")]
mod query;

pub use self::cursor::Cursor;
pub use self::error::{CursorError, InvalidCursor};
pub use self::keys::{CursorKeys, InvalidCursorKeys};
#[cfg(feature = "payload")]
#[cfg_attr(docsrs, doc(cfg(feature = "payload")))]
pub use self::query::PageQuery;

use http::Uri;
use http::header::LINK;
use serde::Serialize;

use crate::handler::json::Json;
use crate::handler::{IntoResponse, Response};
use crate::problem::Problem;

/// One page of a list: `{"items": […], "next": cursor or null}`.
///
/// Read one row more than the page holds: that row shows that there is a next page.
///
/// ```
/// use buttress::Problem;
/// use buttress::page::{CursorKeys, Page};
/// use http::Uri;
///
/// # fn rows(after: Option<u64>, limit: usize) -> Vec<u64> { (after.map_or(0, |last| last + 1)..).take(limit).collect() }
/// fn list(keys: &CursorKeys, uri: &Uri, cursor: Option<&str>) -> Result<Page<u64>, Problem> {
///     let position = keys.cursor::<u64>("numbers", &"ascending")?;
///     let after = position.after(cursor)?;
///     let rows = rows(after, 20 + 1);
///     Ok(Page::of(rows, 20, |last| position.encode(last))?.linked(uri))
/// }
///
/// let keys = CursorKeys::random().unwrap();
/// let first = list(&keys, &Uri::from_static("/numbers"), None).unwrap();
/// let second = list(&keys, &Uri::from_static("/numbers"), first.next()).unwrap();
/// assert_eq!(second.items()[0], 20);
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
    #[serde(skip)]
    link: Option<String>,
}

impl<T> Page<T> {
    /// A page, and the cursor of the next page if there is one.
    #[must_use]
    pub const fn new(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next, link: None }
    }

    /// A page of at most `limit` rows. If there are more, the rest is dropped, and `encode` makes a cursor from the
    /// last row that is kept.
    ///
    /// # Errors
    ///
    /// The error of `encode`.
    pub fn of<E>(mut rows: Vec<T>, limit: u32, encode: impl FnOnce(&T) -> Result<String, E>) -> Result<Self, E> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(encode).transpose()?;
        Ok(Self::new(rows, next))
    }

    /// Adds `Link: <…>; rel="next"` (RFC 8288): the requested path and query, with the cursor of the next page.
    ///
    /// A link of more than 2,560 bytes is left out, since a client's query would otherwise decide the size of the
    /// head, and proxies reject a large one. The cursor is in the body in any case.
    ///
    /// `asked` is the address as the client sent it. A nested router of axum shortens the `Uri`: take the address
    /// from axum's `OriginalUri` there.
    #[must_use]
    pub fn linked(mut self, asked: &Uri) -> Self {
        self.link = self.next.as_deref().and_then(|cursor| link::next(asked, cursor));
        self
    }

    /// Converts each item into the form that the client sees.
    #[must_use]
    pub fn map<U>(self, show: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(show).collect(), next: self.next, link: self.link }
    }

    /// The items.
    #[must_use]
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// The cursor of the next page.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(mut self) -> Response {
        let link = self.link.take();
        let mut response = Json(self).into_response();
        match link.map(http::HeaderValue::try_from).transpose() {
            Ok(Some(link)) if response.status().is_success() => {
                response.headers_mut().insert(LINK, link);
            }
            Ok(_) => {}
            Err(error) => return Problem::internal(error).into_response(),
        }
        response
    }
}
