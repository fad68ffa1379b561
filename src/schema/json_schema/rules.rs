//! Rules as keywords.

use serde_json::{Map, Value, json};

use crate::schema::{Bounds, Kind, Length, Rule, RuleKind, Schema};

/// Adds the rules of a place to the schema of its value.
pub(super) fn apply(rules: &[Rule], schema: &'static Schema, out: &mut Map<String, Value>) {
    for rule in rules {
        match rule.kind() {
            RuleKind::Length(limits) => length(limits(), Counted::by(schema), out),
            RuleKind::Range(limits) => range(limits(), out),
            RuleKind::Pattern(source) => constrain(out, "pattern", source().into()),
            RuleKind::Email => constrain(out, "format", "email".into()),
            RuleKind::Url => constrain(out, "format", "uri".into()),
            RuleKind::Ip => constrain(out, "anyOf", json!([{"format": "ipv4"}, {"format": "ipv6"}])),
            RuleKind::Ipv4 => constrain(out, "format", "ipv4".into()),
            RuleKind::Ipv6 => constrain(out, "format", "ipv6".into()),
            RuleKind::NonControlCharacter => {
                constrain(out, "pattern", "^[^\\u0000-\\u001f\\u007f-\\u009f]*$".into());
            }
            RuleKind::Contains(needle) => contains(needle(), Counted::by(schema), out),
            RuleKind::DoesNotContain(needle) => {
                let mut part = Map::new();
                contains(needle(), Counted::by(schema), &mut part);
                constrain(out, "not", part.into());
            }
            // `Required` shows in the member and its type; `comment` names the other two.
            RuleKind::Required | RuleKind::MustMatch(_) | RuleKind::Custom(_) => {}
        }
    }
    comment(rules, out);
}

/// Names the rules that JSON Schema cannot express.
pub(super) fn comment(rules: &[Rule], out: &mut Map<String, Value>) {
    let names: Vec<String> = rules
        .iter()
        .filter_map(|rule| match rule.kind() {
            RuleKind::MustMatch(other) => Some(format!("must match {other}")),
            RuleKind::Custom(function) => Some((*function).to_owned()),
            _ => None,
        })
        .collect();
    if !names.is_empty() {
        out.insert("$comment".to_owned(), format!("also checked: {}", names.join(", ")).into());
    }
}

/// The things that a length counts.
#[derive(Clone, Copy)]
enum Counted {
    Characters,
    Elements,
    Members,
}

impl Counted {
    fn by(schema: &'static Schema) -> Self {
        match schema.described().kind() {
            Kind::Array(_) | Kind::Tuple(_) => Self::Elements,
            Kind::Map(_) | Kind::Object(_) => Self::Members,
            Kind::Optional(inner) => Self::by(inner()),
            Kind::Newtype(field) => Self::by(field.schema()),
            Kind::Scalar(_) | Kind::Null | Kind::Enum(_) => Self::Characters,
        }
    }

    const fn keywords(self) -> (&'static str, &'static str) {
        match self {
            Self::Characters => ("minLength", "maxLength"),
            Self::Elements => ("minItems", "maxItems"),
            Self::Members => ("minProperties", "maxProperties"),
        }
    }
}

fn length(limits: Length, counted: Counted, out: &mut Map<String, Value>) {
    let (min, max) = counted.keywords();
    if let Some(limit) = limits.equal.or(limits.min) {
        constrain(out, min, limit.into());
    }
    if let Some(limit) = limits.equal.or(limits.max) {
        constrain(out, max, limit.into());
    }
}

fn range(limits: Bounds, out: &mut Map<String, Value>) {
    let all = [
        ("minimum", limits.min),
        ("maximum", limits.max),
        ("exclusiveMinimum", limits.exclusive_min),
        ("exclusiveMaximum", limits.exclusive_max),
    ];
    for (keyword, limit) in all {
        if let Some(limit @ Value::Number(_)) = limit {
            constrain(out, keyword, limit);
        }
    }
}

fn contains(needle: &str, counted: Counted, out: &mut Map<String, Value>) {
    match counted {
        Counted::Members => constrain(out, "required", json!([needle])),
        Counted::Characters | Counted::Elements => constrain(out, "pattern", literal(needle).into()),
    }
}

/// A regular expression that matches a text literally.
fn literal(text: &str) -> String {
    let is_special = |c: char| "\\^$.|?*+()[]{}/-".contains(c);
    text.chars().flat_map(|c| is_special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// Adds a keyword. If it is there already with another value, only the tighter of two limits is kept; for any other
/// keyword, the old value stays and the new one is added in `allOf`.
fn constrain(out: &mut Map<String, Value>, keyword: &str, value: Value) {
    match out.get(keyword) {
        Some(known) if *known != value => match tighter(keyword, known, &value) {
            Some(is_tighter) => {
                if is_tighter {
                    out.insert(keyword.to_owned(), value);
                }
            }
            None => {
                let all = out.entry("allOf").or_insert_with(|| json!([]));
                if let Some(all) = all.as_array_mut() {
                    all.push(json!({ keyword: value }));
                }
            }
        },
        _ => {
            out.insert(keyword.to_owned(), value);
        }
    }
}

/// Whether a limit is tighter than a known one; `None` for a keyword that is not a limit.
fn tighter(keyword: &str, known: &Value, new: &Value) -> Option<bool> {
    let (known, new) = (known.as_f64()?, new.as_f64()?);
    match () {
        () if keyword.starts_with("min") || keyword == "exclusiveMinimum" => Some(new > known),
        () if keyword.starts_with("max") || keyword == "exclusiveMaximum" => Some(new < known),
        () => None,
    }
}
