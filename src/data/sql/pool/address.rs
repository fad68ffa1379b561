//! Reading addresses. What is wrong with one is said without repeating it: it may hold a password, and one that was not
//! written as it should be may hold it anywhere.

use std::borrow::Cow;

use sqlx::ConnectOptions;
use sqlx_core::Url;

use super::unreadable;
use crate::data::Error;

/// Where a server is, and how to log in.
pub(super) struct Address<O> {
    pub(super) options: O,
    /// For the operator: the host and the port, as they stand in the address.
    pub(super) server: String,
}

impl<O: ConnectOptions> Address<O> {
    /// Reads the address of a server. `known` are the parameters that the driver knows.
    pub(super) fn read(address: &str, known: fn(&str) -> bool) -> Result<Self, Error> {
        // What the parser says names the part that is wrong, and does not quote it.
        let mut url: Url = address.parse().map_err(|error| unreadable(format!("it cannot be read, {error}")))?;
        // An unescaped character ended the password: what follows it would be taken for a path, and end up in errors.
        if url.fragment().is_some() || url.path().contains('@') || url.query().is_some_and(|query| query.contains('@'))
        {
            return Err(unreadable(
                "@, #, / and ? in a user, a password or a parameter are written %40, %23, %2F, %3F",
            ));
        }
        keep(&mut url, known);
        let options = O::from_url(&url).map_err(|_| unreadable(culprit::<O>(&url)))?;
        Ok(Self { options, server: server(&url) })
    }
}

/// Removes the parameters that the driver does not know. It would log them itself, with their values.
fn keep(url: &mut Url, known: fn(&str) -> bool) {
    let parameters: Vec<(Cow<'_, str>, Cow<'_, str>)> = url.query_pairs().collect();
    let (kept, ignored): (Vec<_>, Vec<_>) = parameters.into_iter().partition(|(name, _)| known(name));
    if ignored.is_empty() {
        return;
    }
    for (name, _) in &ignored {
        tracing::warn!(parameter = &**name, "a parameter of the database's address is not known, and ignored");
    }
    let kept: Vec<_> = kept.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
}

/// Names the parameter that the driver cannot read.
fn culprit<O: ConnectOptions>(url: &Url) -> String {
    let mut alone = url.clone();
    let unreadable = url.query_pairs().find(|(name, value)| {
        alone.query_pairs_mut().clear().append_pair(name, value);
        O::from_url(&alone).is_err()
    });
    match unreadable {
        Some((name, _)) => format!("the value of its parameter {name} is none that the driver knows"),
        None => String::from("a part of it is no UTF-8"),
    }
}

fn server(url: &Url) -> String {
    let host = url.host_str().filter(|host| !host.is_empty()).unwrap_or("localhost");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
