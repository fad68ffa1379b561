use serde_json::{Map, Value, json};

use super::{Writer, object};
use crate::schema::{Format, Integer, Scalar, ScalarKind};

impl Writer {
    pub(super) fn scalar(&mut self, scalar: &Scalar) -> Map<String, Value> {
        match scalar.kind() {
            ScalarKind::Any => Map::new(),
            ScalarKind::Boolean => object(json!({"type": "boolean"})),
            ScalarKind::Integer(range) => integer(*range),
            ScalarKind::Float(32) => single(),
            ScalarKind::Float(_) => object(json!({"type": "number", "format": "double"})),
            ScalarKind::Number => object(json!({"type": "number"})),
            ScalarKind::Text(format) => string(*format),
            ScalarKind::Opaque(described) => described().map_or_else(Map::new, |schema| self.schema(schema)),
        }
    }
}

/// A number that an `f32` can hold. The limits are `f32::MAX` as it is printed as an `f32`: converted to an `f64`, it
/// would have more digits.
fn single() -> Map<String, Value> {
    let limit = f32::MAX.to_string().parse().unwrap_or(f64::from(f32::MAX));
    object(json!({"type": "number", "minimum": -limit, "maximum": limit, "format": "float"}))
}

/// An integer. No limit is written for a width beyond 64 bits: most programs cannot hold such a JSON number.
fn integer(range: Integer) -> Map<String, Value> {
    let mut out = object(json!({"type": "integer"}));
    if !range.is_signed() {
        out.insert("minimum".to_owned(), u8::from(range.is_nonzero()).into());
    } else if range.is_nonzero() {
        out.insert("not".to_owned(), json!({"const": 0}));
    }
    if let Some((min, max)) = range.range() {
        if let Ok(min) = i64::try_from(min)
            && range.is_signed()
        {
            out.insert("minimum".to_owned(), min.into());
        }
        if let Ok(max) = u64::try_from(max) {
            out.insert("maximum".to_owned(), max.into());
        }
    }
    let sign = if range.is_signed() { "" } else { "u" };
    out.insert("format".to_owned(), format!("{sign}int{}", range.bits()).into());
    out
}

fn string(format: Format) -> Map<String, Value> {
    object(match format {
        Format::Character => json!({"type": "string", "minLength": 1, "maxLength": 1}),
        Format::DateTime => json!({"type": "string", "format": "date-time"}),
        Format::Uuid => json!({"type": "string", "format": "uuid"}),
        Format::AnyUri => json!({"type": "string", "format": "uri"}),
        Format::Email => json!({"type": "string", "format": "email"}),
        Format::Ip => json!({"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}),
        Format::Ipv4 => json!({"type": "string", "format": "ipv4"}),
        Format::Ipv6 => json!({"type": "string", "format": "ipv6"}),
        Format::SocketAddress | Format::SocketAddressV4 | Format::SocketAddressV6 => {
            json!({"type": "string", "format": "socket-address"})
        }
        Format::Plain | Format::Path => json!({"type": "string"}),
    })
}
