//! Lists in pages, and the cursors from one page to the next.

mod base64url;
mod cursor;
mod keys;
mod link;

pub use self::cursor::Cursor;
pub use self::keys::{CursorKeys, InvalidCursorKeys};

use http::Uri;
use http::header::LINK;
use serde::Serialize;

use crate::handler::{IntoResponse, Json, Response};
use crate::problem::Problem;

/// One page of a list: `{"items": […], "next": cursor or null}`.
///
/// Read one row more than the page holds: that row shows that there is a next page.
///
/// ```
/// use buttress::Problem;
/// use buttress::respond::{CursorKeys, Page};
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
    pub fn of<E>(mut rows: Vec<T>, limit: usize, encode: impl FnOnce(&T) -> Result<String, E>) -> Result<Self, E> {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(encode).transpose()?;
        Ok(Self::new(rows, next))
    }

    /// Adds `Link: <…>; rel="next"` (RFC 8288): the requested path and query, with the cursor of the next page.
    ///
    /// A link of more than 2,560 bytes is left out, since a client's query would otherwise decide the size of the
    /// head, and proxies reject a large one. The cursor is in the body all the same.
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
