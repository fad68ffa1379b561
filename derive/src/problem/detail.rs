//! The text of a `detail`, with fields in braces.

use syn::LitStr;

use super::ast::Field;
use crate::name::did_you_mean;

/// A parsed `detail`.
pub(super) enum Template {
    /// The error's `Display` text.
    Display,
    /// A constant text.
    Constant(String),
    /// A format string whose names are the bindings of the fields.
    Format(LitStr, Vec<Hole>),
}

/// A field in a format string.
pub(super) struct Hole {
    pub(super) binding: String,
    /// The trait that formats it, if it is `Display` or `Debug`.
    pub(super) by: Option<&'static str>,
}

/// Puts the fields' bindings in the place of the fields' names.
pub(super) fn template(text: &LitStr, fields: &[Field<'_>]) -> Result<Template, String> {
    let source = text.value();
    if source.trim().is_empty() {
        return Err("the detail is empty: leave it out, or say what happened".to_owned());
    }
    let mut format = String::new();
    let mut holes = Vec::new();
    let mut rest = source.as_str();
    while let Some(brace) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(brace);
        format.push_str(before);
        if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
            format.push_str(from.strip_suffix(after).unwrap_or_default());
            rest = after;
            continue;
        }
        let (hole, after) = from
            .strip_prefix('{')
            .and_then(|inside| inside.split_once('}'))
            .ok_or("a brace stands alone: write `{{` or `}}` for the character itself")?;
        holes.push(push_hole(hole, fields, &mut format)?);
        rest = after;
    }
    format.push_str(rest);
    Ok(if holes.is_empty() {
        Template::Constant(source.replace("{{", "{").replace("}}", "}"))
    } else {
        Template::Format(LitStr::new(&format, text.span()), holes)
    })
}

fn push_hole(hole: &str, fields: &[Field<'_>], format: &mut String) -> Result<Hole, String> {
    let (name, spec) = hole.split_once(':').map_or((hole, None), |(name, spec)| (name, Some(spec)));
    let binding = binding(name.trim(), fields)?;
    format.push('{');
    format.push_str(&binding);
    if let Some(spec) = spec {
        if spec.contains(['$', '*']) {
            return Err("the width and precision of a detail are plain numbers".to_owned());
        }
        format.push(':');
        format.push_str(spec);
    }
    format.push('}');
    let by = match spec.map_or("", str::trim_end).chars().next_back() {
        Some('?') => Some("Debug"),
        Some('a'..='z' | 'A'..='Z') => None,
        _ => Some("Display"),
    };
    Ok(Hole { binding, by })
}

fn binding(name: &str, fields: &[Field<'_>]) -> Result<String, String> {
    if let Some(field) = fields.iter().find(|field| field.name() == name) {
        return Ok(field.binding.to_string());
    }
    let names: Vec<String> = fields.iter().map(Field::name).collect();
    Err(match names.as_slice() {
        [] => "there are no fields here that `{…}` could name".to_owned(),
        _ if name.is_empty() => format!("`{{}}` names no field: write `{{{}}}`", names.join("}` or `{")),
        _ => {
            let suggestion = did_you_mean(name, names.iter().map(String::as_str));
            format!("there is no field `{name}` here{suggestion}\nthe fields are: `{}`", names.join("`, `"))
        }
    })
}
