//! HTTP dates (RFC 9110 §5.6.7), in whole seconds.

use std::time::SystemTime;

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};

use crate::time::Timestamp;

/// The date in a header. An invalid date, or more than one, counts as none (§13.1.3, §13.1.4).
pub(super) fn read(headers: &HeaderMap, name: &HeaderName) -> Option<Timestamp> {
    let mut lines = headers.get_all(name).iter();
    let (line, None) = (lines.next()?, lines.next()) else { return None };
    let time = httpdate::parse_http_date(line.to_str().ok()?).ok()?;
    Timestamp::try_from(time).ok()
}

/// The value of `Last-Modified`: never later than now (§8.8.2.1), and never before 1970, which the format cannot
/// express.
pub(in crate::respond) fn last_modified(time: Timestamp) -> HeaderValue {
    let time = time.min(Timestamp::now()).max(Timestamp::UNIX_EPOCH);
    let text = httpdate::fmt_http_date(SystemTime::from(time));
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"))
}

/// Whether a resource that was last modified at `modified` has not changed since `date`, which has no fraction.
pub(super) fn unchanged_since(modified: Timestamp, date: Timestamp) -> bool {
    modified.as_unix_millis().div_euclid(1_000) <= date.as_unix_millis().div_euclid(1_000)
}
