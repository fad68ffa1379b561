use serde::Deserialize;

/// Reads a value as serde reads what it flattens, what is tagged inside and what is untagged: out of a buffer of its
/// own. The buffer holds no integer of 128 bits, and names that are text alone, so some types cannot be read there.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Buffered<T> {
    #[allow(dead_code, reason = "whether it can be read is all that is asked")]
    Value(T),
}
