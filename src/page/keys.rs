use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use hmac::{Hmac, KeyInit};
use sha2::{Digest, Sha256};

/// The keys that sign cursors: the first one signs, all of them verify.
///
/// A setting holds them as `id:key,id:key`. To change the key without breaking cursors that clients still hold, put
/// the new one first, and drop the old one when its cursors are no longer in use. Ids have up to 32 of
/// `[A-Za-z0-9_-]`; keys have 8 to 256 visible ASCII characters without a comma. Keys should be random and have 32
/// characters or more: a client with a cursor can try short keys offline, so check [`is_weak`](Self::is_weak) at
/// startup and log a warning.
///
/// ```
/// use buttress::page::CursorKeys;
///
/// let setting = "2026-11:3JqQF0cVw1tkmF2bOQpIdr7ySxnHNzKe,2026-05:m8hM7RZrCiPqsNj1XvKQGtbHdyoAulwE";
/// let keys: CursorKeys = setting.parse().unwrap();
/// assert_eq!(format!("{keys:?}"), "CursorKeys(2 keys)");
/// ```
#[derive(Clone)]
pub struct CursorKeys(Arc<[Key]>);

/// A key that is ready to sign, and the part of a cursor that names the key.
pub(super) struct Key {
    pub(super) tag: [u8; 4],
    pub(super) mac: Hmac<Sha256>,
    weak: bool,
}

impl CursorKeys {
    /// The fewest characters of a key.
    pub const MIN_KEY_LEN: usize = 8;

    /// The fewest characters of a key that is not [weak](Self::is_weak).
    pub const STRONG_KEY_LEN: usize = 32;

    /// The most keys.
    pub const MAX_KEYS: usize = 16;

    const MAX_KEY_LEN: usize = 256;
    const MAX_ID_LEN: usize = 32;

    /// Generates one random key. Its cursors end with the process, and other processes do not accept them.
    ///
    /// # Errors
    ///
    /// The system cannot provide randomness.
    pub fn random() -> Result<Self, InvalidCursorKeys> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| InvalidCursorKeys(Mistake::NoRandomness))?;
        let key = Key::new("random", &key).ok_or(InvalidCursorKeys(Mistake::NoRandomness))?;
        Ok(Self(Arc::new([key])))
    }

    /// Whether a key is shorter than [`STRONG_KEY_LEN`](Self::STRONG_KEY_LEN): a client with a cursor that it signed
    /// may guess it. A weak key that only verifies counts, too: a forged cursor may name it.
    ///
    /// ```
    /// # use buttress::page::CursorKeys;
    /// assert!("demo:correct-horse".parse::<CursorKeys>().unwrap().is_weak());
    /// assert!(!CursorKeys::random().unwrap().is_weak());
    /// ```
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.0.iter().any(|key| key.weak)
    }

    pub(super) fn signing(&self) -> Option<&Key> {
        self.0.first()
    }

    pub(super) fn find(&self, tag: [u8; 4]) -> Option<&Key> {
        self.0.iter().find(|key| key.tag == tag)
    }
}

impl Key {
    fn new(id: &str, key: &[u8]) -> Option<Self> {
        let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(id).into();
        let mac = Hmac::new_from_slice(key).ok()?;
        Some(Self { tag: [a, b, c, d], mac, weak: key.len() < CursorKeys::STRONG_KEY_LEN })
    }

    fn parse(entry: &str) -> Result<Self, &'static str> {
        let (id, key) = entry.split_once(':').ok_or("is not written id:key")?;
        let id_is_fine = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if !id_is_fine || !(1..=CursorKeys::MAX_ID_LEN).contains(&id.len()) {
            return Err("needs an id of 1 to 32 letters, digits, - and _");
        }
        if key.len() < CursorKeys::MIN_KEY_LEN || key.len() > CursorKeys::MAX_KEY_LEN {
            return Err("needs 8 to 256 characters");
        }
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("has a character that is not visible ASCII");
        }
        Self::new(id, key.as_bytes()).ok_or("cannot be used")
    }
}

impl FromStr for CursorKeys {
    type Err = InvalidCursorKeys;

    /// Reads `id:key,id:key`; spaces around an entry are ignored.
    fn from_str(setting: &str) -> Result<Self, InvalidCursorKeys> {
        let mut keys: Vec<Key> = Vec::new();
        for (i, entry) in setting.split(',').enumerate() {
            let wrong = |why| InvalidCursorKeys(Mistake::Entry(i + 1, why));
            let key = Key::parse(entry.trim()).map_err(wrong)?;
            if keys.iter().any(|known| known.tag == key.tag) {
                return Err(wrong("has the id of another"));
            }
            if keys.len() == Self::MAX_KEYS {
                return Err(wrong("is one too many: 16 can be held"));
            }
            keys.push(key);
        }
        Ok(Self(keys.into()))
    }
}

impl fmt::Debug for CursorKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CursorKeys({} key{})", self.0.len(), if self.0.len() == 1 { "" } else { "s" })
    }
}

/// Keys that cannot be used. The error names the entry by its position, and shows neither key nor id: they may have
/// been swapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidCursorKeys(Mistake);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mistake {
    Entry(usize, &'static str),
    NoRandomness,
}

impl fmt::Display for InvalidCursorKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Mistake::Entry(place, why) => write!(f, "cursor key {place} {why}"),
            Mistake::NoRandomness => f.write_str("the system has no randomness to give"),
        }
    }
}

impl std::error::Error for InvalidCursorKeys {}
