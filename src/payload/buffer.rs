use serde::Deserialize;

/// Reads a value as serde reads flattened, internally tagged and untagged values: out of its own buffer. The buffer
/// holds no integer of 128 bits, and only names that are text, so some types cannot be read there.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Buffered<T> {
    #[allow(dead_code, reason = "whether it can be read is all that is asked")]
    Value(T),
}
