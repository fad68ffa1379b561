use std::fmt;
use std::io::{self, Write};
use std::marker::PhantomData;

use hmac::{Hmac, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::base64url;
use super::error::{CursorError, CursorFailure, InvalidCursor};
use super::keys::{CursorKeys, Key};

/// The layout of a cursor: version, tag of the signing key, signature, then the position as JSON.
const VERSION: u8 = 1;
const TAG: usize = 4;
const SIGNATURE: usize = 16;

/// The longest cursor, in characters.
const MAX_LEN: usize = 2_048;

/// Writes and reads the positions of one list, sorted and filtered in one way.
///
/// A cursor holds the sort key of the last item, as JSON; 128 bits of HMAC-SHA256 bind it to the list, its sort and
/// filter. It is signed, not encrypted: clients can read its content, but not change it. A cursor holds up to about
/// 1,500 bytes. Make the sort key of whole numbers, texts, [`Timestamp`](crate::time::Timestamp)s and ids, and let its
/// last part be unique. Do not use a float, which JSON may change in its last bit.
pub struct Cursor<K> {
    keys: CursorKeys,
    scope: [u8; 32],
    position: PhantomData<fn(K) -> K>,
}

impl CursorKeys {
    /// Makes the cursors of one list. `scope` is everything that decides which items the list has, and in which
    /// order: the sort, the filter, the tenant. A cursor of another scope is refused.
    ///
    /// The scope is compared by its JSON, so leave out values that have no order of their own, such as a `HashMap`;
    /// and leave out the limit, which a client may change from page to page.
    ///
    /// # Errors
    ///
    /// The scope does not serialise.
    pub fn cursor<K>(&self, list: &str, scope: &(impl Serialize + ?Sized)) -> Result<Cursor<K>, CursorError> {
        let mut hash = Sha256::new();
        // The length separates the name from the scope that follows it.
        hash.update((list.len() as u64).to_be_bytes());
        hash.update(list);
        crate::json::to_writer(Hashed(&mut hash), scope).map_err(not_json)?;
        Ok(Cursor { keys: self.clone(), scope: hash.finalize().into(), position: PhantomData })
    }
}

impl<K> Cursor<K> {
    /// The cursor of the page that begins after `last`.
    ///
    /// # Errors
    ///
    /// The sort key does not serialise, or is too long.
    pub fn encode(&self, last: &K) -> Result<String, CursorError>
    where
        K: Serialize,
    {
        let position = crate::json::to_vec(last).map_err(not_json)?;
        let key = self.keys.signing().ok_or(CursorError(CursorFailure::NoKey))?;
        let signature = self.signature(key, &position).finalize().into_bytes();
        let mut bytes = Vec::with_capacity(1 + TAG + SIGNATURE + position.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&key.tag);
        bytes.extend(signature.iter().take(SIGNATURE));
        bytes.extend_from_slice(&position);
        let text = base64url::encode(&bytes);
        if text.len() > MAX_LEN { Err(CursorError(CursorFailure::TooLong)) } else { Ok(text) }
    }

    /// The position that a cursor holds.
    ///
    /// # Errors
    ///
    /// The cursor is damaged, or belongs to another list, sort or filter, or the key that signed it is no longer known.
    pub fn decode(&self, text: &str) -> Result<K, InvalidCursor>
    where
        K: DeserializeOwned,
    {
        self.open(text).ok_or(InvalidCursor(()))
    }

    /// The position of a request; `None` if it has no cursor.
    ///
    /// # Errors
    ///
    /// The errors of [`decode`](Self::decode).
    pub fn after(&self, cursor: Option<&str>) -> Result<Option<K>, InvalidCursor>
    where
        K: DeserializeOwned,
    {
        cursor.map(|text| self.decode(text)).transpose()
    }

    fn open(&self, text: &str) -> Option<K>
    where
        K: DeserializeOwned,
    {
        if text.len() > MAX_LEN {
            return None;
        }
        let bytes = base64url::decode(text)?;
        let ([VERSION, tag @ ..], rest) = bytes.split_first_chunk::<{ 1 + TAG }>()? else { return None };
        let (signature, position) = rest.split_first_chunk::<SIGNATURE>()?;
        let key = self.keys.find(*tag)?;
        // In constant time, and before the position is parsed.
        self.signature(key, position).verify_truncated_left(signature).ok()?;
        serde_json::from_slice(position).ok()
    }

    fn signature(&self, key: &Key, position: &[u8]) -> Hmac<Sha256> {
        let mut mac = key.mac.clone();
        mac.update(b"buttress cursor");
        mac.update(&[VERSION]);
        mac.update(&self.scope);
        mac.update(position);
        mac
    }
}

impl<K> Clone for Cursor<K> {
    fn clone(&self) -> Self {
        Self { keys: self.keys.clone(), scope: self.scope, position: PhantomData }
    }
}

impl<K> fmt::Debug for Cursor<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").field("keys", &self.keys).finish_non_exhaustive()
    }
}

fn not_json(error: serde_json::Error) -> CursorError {
    CursorError(CursorFailure::NotJson(error))
}

/// A hash that can be written to.
struct Hashed<'h>(&'h mut Sha256);

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
