//! Reads scalars by their schema, and says what is expected in place of a value that does not fit.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use serde::de::DeserializeOwned;

use super::decode_error::{NOT_ACCEPTABLE, TOO_LARGE};
use super::{DecodeError, LeafReader, Node};
use crate::schema::{Format, Integer, Kind, Scalar, ScalarKind, Schema};
use crate::time::Timestamp;

/// Tries to read a scalar.
pub(super) fn read(scalar: &Scalar, node: Node<'_>) -> Result<(), DecodeError> {
    if let Some(probe) = LeafReader::find(scalar.hook()) {
        return probe(&node);
    }
    if fits(scalar.kind(), node) {
        return Ok(());
    }
    Err(refusal(scalar.kind(), node))
}

/// Tries to read the name of a member of a map.
pub(super) fn read_name(schema: &'static Schema, name: Node<'_>) -> Result<(), DecodeError> {
    match schema.kind() {
        Kind::Scalar(scalar) => read(scalar, name),
        Kind::Newtype(field) => read_name(field.schema(), name),
        Kind::Enum(variants) => {
            let known = || variants.variants().iter().filter(|variant| !variant.is_untagged());
            let text = name.string().unwrap_or_default();
            if known().any(|variant| variant.is_other() || variant.names().contains(&text.as_ref())) {
                return Ok(());
            }
            Err(DecodeError::unknown_variant(known().filter_map(|variant| variant.names().first().copied())))
        }
        _ => Ok(()),
    }
}

/// Why a value is not one of this kind.
#[cold]
pub(super) fn refusal(kind: &ScalarKind, node: Node<'_>) -> DecodeError {
    match words(kind, node) {
        Cow::Borrowed(NOT_ACCEPTABLE) => DecodeError::unexplained(),
        words => DecodeError::of_type(words).outright(),
    }
}

fn fits(kind: &ScalarKind, node: Node<'_>) -> bool {
    match kind {
        ScalarKind::Text(Format::Plain) => node.string().is_some() || node.fits::<String>(),
        ScalarKind::Integer(range) => fits_integer(*range, node),
        ScalarKind::Boolean => node.fits::<bool>(),
        ScalarKind::Float(32) => node.fits::<f32>(),
        ScalarKind::Float(_) => node.fits::<f64>(),
        ScalarKind::Number => node.fits::<serde_json::Number>(),
        ScalarKind::Text(Format::Character) => node.fits::<char>(),
        ScalarKind::Text(Format::DateTime) => node.fits::<Timestamp>(),
        ScalarKind::Text(Format::Ip) => node.fits::<IpAddr>(),
        ScalarKind::Text(Format::Ipv4) => node.fits::<Ipv4Addr>(),
        ScalarKind::Text(Format::Ipv6) => node.fits::<Ipv6Addr>(),
        ScalarKind::Text(Format::SocketAddress) => node.fits::<SocketAddr>(),
        ScalarKind::Text(Format::SocketAddressV4) => node.fits::<SocketAddrV4>(),
        ScalarKind::Text(Format::SocketAddressV6) => node.fits::<SocketAddrV6>(),
        ScalarKind::Text(Format::Uuid | Format::AnyUri | Format::Email | Format::Path) => node.fits::<String>(),
        ScalarKind::Any | ScalarKind::Opaque(_) => node.fits::<serde_json::Value>(),
    }
}

fn fits_integer(range: Integer, node: Node<'_>) -> bool {
    match (range.bits(), range.is_signed()) {
        (..=8, false) => fits_number::<u8>(range, node),
        (..=8, true) => fits_number::<i8>(range, node),
        (..=16, false) => fits_number::<u16>(range, node),
        (..=16, true) => fits_number::<i16>(range, node),
        (..=32, false) => fits_number::<u32>(range, node),
        (..=32, true) => fits_number::<i32>(range, node),
        (..=64, false) => fits_number::<u64>(range, node),
        (..=64, true) => fits_number::<i64>(range, node),
        (_, false) => fits_number::<u128>(range, node),
        (_, true) => fits_number::<i128>(range, node),
    }
}

fn fits_number<T: DeserializeOwned + Default + PartialEq>(range: Integer, node: Node<'_>) -> bool {
    node.decode::<T>().is_some_and(|number| !range.is_nonzero() || number != T::default())
}

/// "must be …", for a value that is not of this kind.
pub(super) fn words(kind: &ScalarKind, node: Node<'_>) -> Cow<'static, str> {
    Cow::Borrowed(match kind {
        ScalarKind::Integer(range) => return integer(*range, node),
        ScalarKind::Float(_) if is_number(node) => TOO_LARGE,
        ScalarKind::Float(_) => "must be a number",
        ScalarKind::Number => "must be a JSON number",
        ScalarKind::Boolean => "must be a boolean",
        ScalarKind::Text(Format::DateTime) => return format!("must be {}", Timestamp::EXPECTED).into(),
        ScalarKind::Text(format) => text(*format),
        ScalarKind::Any | ScalarKind::Opaque(_) => NOT_ACCEPTABLE,
    })
}

const fn text(format: Format) -> &'static str {
    match format {
        Format::Plain | Format::DateTime => "must be a string",
        Format::Character => "must be a character",
        Format::Uuid => "must be a UUID",
        Format::AnyUri => "must be a URI",
        Format::Email => "must be an e-mail address",
        Format::Ip => "must be an IP address",
        Format::Ipv4 => "must be an IPv4 address",
        Format::Ipv6 => "must be an IPv6 address",
        Format::SocketAddress => "must be a socket address",
        Format::SocketAddressV4 => "must be an IPv4 socket address",
        Format::SocketAddressV6 => "must be an IPv6 socket address",
        Format::Path => "must be a path",
    }
}

fn integer(range: Integer, node: Node<'_>) -> Cow<'static, str> {
    if range.is_nonzero() {
        return "must be an integer other than 0".into();
    }
    match range.range().filter(|_| is_integer(node)) {
        Some((min, max)) => format!("must be an integer from {min} to {max}").into(),
        None => "must be an integer".into(),
    }
}

/// Whether the input is an integer, of any size.
pub(super) fn is_integer(node: Node<'_>) -> bool {
    let text = node.raw();
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the input is a number, or a text that spells one.
fn is_number(node: Node<'_>) -> bool {
    node.raw().parse::<f64>().is_ok()
}
