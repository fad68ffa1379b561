use std::time::{SystemTime, UNIX_EPOCH};

/// A UUID of the present time in milliseconds and of 74 of the random bits (RFC 9562 §5.7): ids that are made one after
/// the other sort so.
pub(crate) fn uuid_v7(random: (u64, u64)) -> u128 {
    // The clock may stand before 1970.
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    bits(since_1970.as_millis(), random)
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
}
