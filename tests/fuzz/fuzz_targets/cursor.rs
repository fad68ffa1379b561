//! A cursor that these keys did not sign is refused; a signed one is read back, and any change to it is refused.
#![no_main]

use std::sync::LazyLock;

use buttress::page::{Cursor, CursorKeys};
use libfuzzer_sys::fuzz_target;

type Position = (i64, String, Vec<u8>);

static CURSOR: LazyLock<Cursor<Position>> = LazyLock::new(|| {
    let keys: CursorKeys = "fuzz:3JqQF0cVw1tkmF2bOQpIdr7ySxnHNzKe".parse().unwrap();
    keys.cursor("things", &("-createdAt", None::<&str>)).unwrap()
});

fuzz_target!(|input: (String, Position, u16, u8)| {
    let (text, position, place, change) = input;
    let _ = text.parse::<CursorKeys>();
    assert!(CURSOR.decode(&text).is_err());

    let Ok(mut cursor) = CURSOR.encode(&position).map(String::into_bytes) else { return };
    assert!(cursor.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
    assert_eq!(CURSOR.decode(str::from_utf8(&cursor).unwrap()), Ok(position));

    let place = usize::from(place) % cursor.len();
    cursor[place] ^= change & 0x7f;
    if change & 0x7f != 0 {
        assert!(CURSOR.decode(str::from_utf8(&cursor).unwrap()).is_err());
    }
});
