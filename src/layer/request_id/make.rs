use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::BytesMut;

use crate::layer::random;
use crate::request_id::RequestId;

/// How many ids share one allocation. A program that keeps one of them for ever keeps the memory of all.
const SHARING: usize = 28;

thread_local! {
    static MEMORY: RefCell<BytesMut> = RefCell::new(BytesMut::new());
}

/// A UUID of the time in milliseconds and 74 random bits (RFC 9562 §5.7).
pub(super) fn uuid_v7() -> RequestId {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let bits = bits(since_1970.as_millis(), random::words());
    MEMORY.with_borrow_mut(|memory| {
        if memory.capacity() < RequestId::UUID_LEN {
            *memory = BytesMut::with_capacity(SHARING * RequestId::UUID_LEN);
        }
        RequestId::from_uuid_in(memory, bits)
    })
}

/// 48 bits of time, version 7, 12 random bits, variant 10, 62 random bits.
fn bits(millis: u128, (high, low): (u64, u64)) -> u128 {
    let time = millis << 80;
    let high = u128::from(high & 0x0fff | 0x7000) << 64;
    let low = u128::from(low & (u64::MAX >> 2) | 1 << 63);
    time | high | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_9562_comes_out() {
        let bits = bits(0x017f_22e2_79b0, (0xfcc3, 0xd8c4_dc0c_0c07_398f));
        assert_eq!(bits, 0x017f_22e2_79b0_7cc3_98c4_dc0c_0c07_398f);
    }

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
