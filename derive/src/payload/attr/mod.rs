//! The three attributes that describe a payload.

mod case;
mod docs;
mod meta;
mod payload;
mod rule;
mod serde;
mod validate;

pub(super) use self::case::Case;
pub(super) use self::docs::description;
pub(super) use self::payload::{PayloadContainer, PayloadField, Step, Words};
pub(super) use self::rule::{Kind, Limits, Rule};
pub(super) use self::serde::{SerdeContainer, SerdeField, SerdeVariant, Side, is_not_read, is_one_sided};
pub(super) use self::validate::{Schema, ValidateContainer, ValidateField};
