//! The three attributes that describe a payload.

mod case;
mod meta;
mod payload;
mod rule;
mod serde;
mod validate;

pub(super) use self::case::Case;
pub(super) use self::payload::{PayloadContainer, PayloadField, Step, Words};
pub(super) use self::rule::{Kind, Limits, Rule};
pub(super) use self::serde::{SerdeContainer, SerdeField, SerdeVariant};
pub(super) use self::validate::{Schema, ValidateContainer, ValidateField};
