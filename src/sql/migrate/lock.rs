use futures_core::future::BoxFuture;
use sqlx::migrate::{Migrate, Migrator};

use super::Migrations;
use crate::sql::pool::server::Server;
use crate::store::Error;

/// A server that can keep two instances from migrating at once.
///
/// If a pooler shares the session (`shared`), the lock belongs to a transaction, in which everything is done: any other
/// lock would be left in a session that other clients get.
pub(crate) trait Lock: Server<Connection: Migrate> {
    /// Takes the lock if it is free, and lifts the time limits for the migration. This never waits: a client that waits
    /// for the lock inside a statement blocks `CREATE INDEX CONCURRENTLY`, and goes on waiting after it has
    /// disconnected.
    fn lock(connection: &mut Self::Connection, shared: bool) -> BoxFuture<'_, Result<bool, sqlx::Error>>;

    /// Gives back the lock and restores the limits. In a shared session, this ends the transaction: `keep` chooses
    /// between commit and rollback.
    fn unlock(connection: &mut Self::Connection, shared: bool, keep: bool) -> BoxFuture<'_, Result<(), sqlx::Error>>;

    /// Applies the pending migrations, under the lock.
    fn migrate(connection: &mut Self::Connection, task: Task) -> BoxFuture<'_, Result<(), Error>>;
}

/// The work under the lock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task {
    pub(in crate::sql) migrator: &'static Migrator,
    pub(in crate::sql) migrations: Migrations,
    pub(in crate::sql) shared: bool,
}

/// The number of sqlx's own lock, so that a program that migrates with sqlx alone is kept out, too.
pub(in crate::sql) fn key(database: &str) -> i64 {
    0x3d32_ad9e * i64::from(crc32(database.as_bytes()))
}

/// CRC-32/ISO-HDLC, one bit at a time.
fn crc32(bytes: &[u8]) -> u32 {
    let shift = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_standard_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
