use std::borrow::Cow;

use crate::payload::rule::no_null;
use crate::payload::{Payload, ValidationContext};
use crate::violation::InputPath;

/// The rule of every text: all characters are acceptable but U+0000, which `PostgreSQL` cannot store and which ends a
/// text in C. It does not apply to a text that is marked as a leaf. The walk checks the text in place, without a copy.
macro_rules! texts {
    ($($text:ty),*) => {$(
        impl Payload for $text {
            #[inline]
            fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
                no_null(self, at, context);
            }
        }
    )*};
}

texts! { String, Box<str>, Cow<'static, str> }
