use std::fmt;

use serde::de::{Error, Unexpected, Visitor};

/// The visitor of an `f32`; serde's own would turn `1e39` into an infinity.
pub(super) struct Single<V>(pub(super) V);

macro_rules! visit_integers {
    ($($method:ident($value:ty))*) => {$(
        fn $method<E: Error>(self, value: $value) -> Result<V::Value, E> {
            self.0.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Single<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    visit_integers! {
        visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64) visit_i128(i128) visit_u8(u8) visit_u16(u16)
        visit_u32(u32) visit_u64(u64) visit_u128(u128) visit_f32(f32)
    }

    #[allow(clippy::cast_possible_truncation, reason = "the cast is what is asked about")]
    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        if (value as f32).is_finite() {
            self.0.visit_f64(value)
        } else {
            Err(E::invalid_value(Unexpected::Other("a number that is too large"), &self))
        }
    }
}
