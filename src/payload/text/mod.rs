//! Input in pairs of text: queries, forms, paths, headers.

mod pair;
mod read;
mod scalar;
mod urlencoded;

pub(super) use self::pair::{Pair, Text, sorted};
pub(super) use self::read::read;
pub(super) use self::scalar::Misfit;
pub(super) use self::urlencoded::pairs;
