//! Hexadecimal digits, eight at a time, because ids are written for every request.

/// The digits of a number, in lower case.
pub(super) const fn digits(number: u32) -> [u8; 8] {
    // Spread one digit into each byte.
    let spread = number as u64;
    let spread = (spread | spread << 16) & 0x0000_ffff_0000_ffff;
    let spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff;
    let spread = (spread | spread << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    // Each byte that is a letter gets a 1: adding 6 to 10 or more carries into the upper half.
    let letters = (spread + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    let zeros = 0x3030_3030_3030_3030;
    let from_nine_to_a = (b'a' - b'9' - 1) as u64;
    (spread + zeros + letters * from_nine_to_a).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn they_are_what_format_writes(number: u32) {
            prop_assert_eq!(super::digits(number).to_vec(), format!("{number:08x}").into_bytes());
        }
    }
}
