//! Reading addresses. Errors never repeat an address: it may hold a password, and a malformed address may hold it
//! anywhere.

use std::borrow::Cow;
use std::net::IpAddr;

use std::path::Path;

use sqlx::ConnectOptions;
use sqlx_core::Url;

use super::{refuse_unknown, unreadable};
use crate::store::Error;

/// Where a server is, and how to log in.
pub(in crate::sql) struct Address<O> {
    pub(in crate::sql) options: O,
    /// Whether it says that nothing is to be kept prepared.
    pub(in crate::sql) unprepared: bool,
}

/// The other end of a connection.
pub(in crate::sql) struct Endpoint<'a> {
    pub(in crate::sql) host: &'a str,
    pub(in crate::sql) port: u16,
    pub(in crate::sql) database: Option<&'a str>,
    /// The file of a Unix socket, where it is one.
    pub(in crate::sql) socket: Option<&'a Path>,
}

impl Endpoint<'_> {
    /// For the operator.
    pub(super) fn name(&self) -> String {
        let Self { host, port, socket, .. } = self;
        socket.map_or_else(|| format!("{host}:{port}"), |path| path.display().to_string())
    }

    /// Whether what is sent leaves the machine.
    pub(in crate::sql) fn is_remote(&self) -> bool {
        let host = self.host.trim_matches(['[', ']']);
        let local = host.parse::<IpAddr>().map_or_else(|_| host == "localhost", |address| address.is_loopback());
        self.socket.is_none() && !local
    }
}

impl<O: ConnectOptions> Address<O> {
    /// Reads the address of a server. `known` are the parameters that the driver knows.
    pub(in crate::sql) fn read(address: &str, known: fn(&str) -> bool) -> Result<Self, Error> {
        // The parser's message names the part that is wrong, and does not quote it.
        let url: Url = address.parse().map_err(|error| unreadable(format!("it cannot be read, {error}")))?;
        // An unescaped character ended the password: the rest would be taken for a path, and end up in errors.
        if url.fragment().is_some() || url.path().contains('@') || url.query().is_some_and(|query| query.contains('@'))
        {
            return Err(unreadable(
                "@, #, / and ? in a user, a password or a parameter are written %40, %23, %2F, %3F",
            ));
        }
        refuse_unknown(
            url.query_pairs().filter(|(name, value)| !name.is_empty() || !value.is_empty()).map(|(name, _)| name),
            known,
        )?;
        let options = O::from_url(&url).map_err(|_| unreadable(culprit::<O>(&url)))?;
        let unprepared = |(name, value): (Cow<'_, str>, Cow<'_, str>)| name == CACHE && value.parse() == Ok(0_u32);
        let unprepared = url.query_pairs().any(unprepared);
        Ok(Self { options, unprepared })
    }
}

/// The parameter that sets how many statements the driver keeps prepared.
const CACHE: &str = "statement-cache-capacity";

/// Names the parameter that the driver cannot read.
fn culprit<O: ConnectOptions>(url: &Url) -> String {
    let mut alone = url.clone();
    let unreadable = url.query_pairs().find(|(name, value)| {
        alone.query_pairs_mut().clear().append_pair(name, value);
        O::from_url(&alone).is_err()
    });
    match unreadable {
        Some((name, _)) => format!("the driver does not know the value of its parameter {name}"),
        None => String::from("a part of it is not UTF-8"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_on_this_machine_is_told_from_others() {
        let local = ["localhost", "127.0.0.1", "127.9.0.1", "::1", "[::1]"];
        let remote = ["db", "10.0.0.1", "localhost.example.com", "[2001:db8::1]", "0.0.0.0"];
        let endpoint = |host| Endpoint { host, port: 1, database: None, socket: None };
        assert!(local.into_iter().all(|host| !endpoint(host).is_remote()));
        assert!(remote.into_iter().all(|host| endpoint(host).is_remote()));
        let socket = Endpoint { socket: Some(Path::new("/run/db")), ..endpoint("db") };
        assert!(!socket.is_remote());
        assert_eq!((socket.name(), endpoint("db").name()), ("/run/db".to_owned(), "db:1".to_owned()));
    }
}
