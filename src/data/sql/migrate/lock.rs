use futures_core::future::BoxFuture;
use sqlx::migrate::Migrate;

use crate::data::sql::SqlDatabase;

/// A server that can keep two from migrating at once, by a lock that ends with its session.
pub(crate) trait Lock: SqlDatabase<Connection: Migrate> {
    /// Says that a migration may take longer than a statement.
    fn unlimited() -> String;

    /// Takes the lock if it is free. Who waits for it inside a statement is itself in the way of `CREATE INDEX
    /// CONCURRENTLY`, and is not stopped by leaving.
    fn try_lock(connection: &mut Self::Connection) -> BoxFuture<'_, Result<bool, sqlx::Error>>;
}

/// The number of sqlx's own lock, so that who migrates with sqlx alone is kept out, too. sqlx then takes it once more.
pub(super) fn key(database: &str) -> i64 {
    0x3d32_ad9e * i64::from(crc32(database.as_bytes()))
}

/// CRC-32/ISO-HDLC, a bit at a time.
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
