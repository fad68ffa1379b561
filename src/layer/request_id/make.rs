use std::cell::RefCell;

use bytes::BytesMut;

use crate::layer::random;
use crate::request_id::RequestId;
use crate::uuid_v7;

/// How many ids share one allocation. A program that keeps one of them for ever keeps the memory of all.
const SHARING: usize = 28;

thread_local! {
    static MEMORY: RefCell<BytesMut> = RefCell::new(BytesMut::new());
}

/// A UUID of version 7, so that ids sort by time.
pub(super) fn uuid_v7() -> RequestId {
    let bits = uuid_v7::uuid_v7(random::words());
    MEMORY.with_borrow_mut(|memory| {
        if memory.capacity() < RequestId::UUID_LEN {
            *memory = BytesMut::with_capacity(SHARING * RequestId::UUID_LEN);
        }
        RequestId::from_uuid_in(memory, bits)
    })
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    #[test]
    fn ids_differ_and_say_when_they_were_made() {
        let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let ids: std::collections::HashSet<_> = (0..1000).map(|_| uuid_v7().as_str().to_owned()).collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            let millis = u128::from_str_radix(&id.replace('-', "")[..12], 16).unwrap();
            assert!(millis >= before && millis < before + 60_000, "{id}");
        }
    }
}
