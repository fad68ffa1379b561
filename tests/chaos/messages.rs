//! The messages of a client to its server.

use tokio::io::AsyncReadExt;
use tokio::net::tcp::OwnedReadHalf;

/// The protocol of the client, which decides how its messages are separated.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Protocol {
    Postgres,
    MySql,
}

/// The complete messages of a client.
pub(crate) struct Messages {
    protocol: Protocol,
    /// `PostgreSQL`'s first message has no type.
    started: bool,
    buffer: Vec<u8>,
}

impl Messages {
    pub(crate) const fn new(protocol: Protocol) -> Self {
        Self { protocol, started: false, buffer: Vec::new() }
    }

    /// Reads more; `false` at the end.
    pub(crate) async fn read_from(&mut self, client: &mut OwnedReadHalf) -> bool {
        matches!(client.read_buf(&mut self.buffer).await, Ok(1..))
    }

    /// The next message, if all of it has been read.
    pub(crate) fn next(&mut self) -> Option<Vec<u8>> {
        let buffer = &self.buffer;
        let length = match self.protocol {
            Protocol::Postgres => {
                // A length in four bytes, which includes itself, after one byte for the type.
                let kind = usize::from(self.started);
                let length = buffer.get(kind..kind + 4)?.try_into().unwrap();
                kind + u32::from_be_bytes(length) as usize
            }
            Protocol::MySql => {
                let header = buffer.get(..4)?;
                4 + u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize
            }
        };
        if buffer.len() < length {
            return None;
        }
        let rest = self.buffer.split_off(length);
        let message = std::mem::replace(&mut self.buffer, rest);
        self.started |= !asks_for_tls(&message);
        Some(message)
    }
}

/// Whether this asks `PostgreSQL`'s server for TLS, before the first real message.
fn asks_for_tls(message: &[u8]) -> bool {
    message == [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]
}

impl Protocol {
    pub(crate) fn is_commit(self, message: &[u8]) -> bool {
        match self {
            // A simple query.
            Self::Postgres => message.first() == Some(&b'Q') && message.get(5..) == Some(b"COMMIT\0"),
            // COM_QUERY.
            Self::MySql => message.get(4..) == Some(b"\x03COMMIT"),
        }
    }
}
