use std::borrow::Cow;

use crate::violation::At;

use super::fields::Fields;
use super::{Purpose, Walk};
use crate::payload::explain::unknown_variant;
use crate::payload::{Enum, Node, Shape, Tagging, Variant};

impl Walk<'_, '_> {
    pub(super) fn variants(&mut self, variants: &Enum, node: Node<'_>, at: &At<'_>) -> bool {
        if self.purpose == Purpose::Patch && Fields::of(node).is_some() {
            // The part that the patch does not mention may decide which variant it is.
            return !self.odd(node, at);
        }
        let clean = match variants.tagging {
            Tagging::External => self.external(variants, node, at),
            Tagging::Untagged => self.untagged(variants, node, at),
            Tagging::Internal(_) | Tagging::Adjacent(..) => match Fields::of(node) {
                Some(mut fields) => self.tagged(variants, &mut fields, node, at),
                None => self
                    .untagged_instead(variants, node, at)
                    .unwrap_or_else(|| self.refuse_type("must be an object", at)),
            },
        };
        if clean {
            self.rules(variants.check, node, at);
        }
        clean
    }

    fn external(&mut self, variants: &Enum, node: Node<'_>, at: &At<'_>) -> bool {
        if let Some(clean) = self.external_content(variants, node, at) {
            return clean;
        }
        if let Some(clean) = self.untagged_instead(variants, node, at) {
            return clean;
        }
        let unknown = match node.string() {
            Some(name) => variant(variants, &name).is_none(),
            None => only_member(node).is_some_and(|(name, _)| variant(variants, &name).is_none()),
        };
        match unknown {
            true => self.refuse_with(unknown_variant(names(variants)), at),
            false if node.members().is_none() && only_names(variants) => self.refuse_type("must be a string", at),
            false => self.refuse_type("must be an object with one member", at),
        }
    }

    /// The result of the named variant; `None` if no variant is named, or if an untagged one may take the whole.
    fn external_content(&mut self, variants: &Enum, node: Node<'_>, at: &At<'_>) -> Option<bool> {
        if let Some(name) = node.string() {
            let known = variant(variants, &name)?;
            return matches!((known.content)(), Shape::Unit).then_some(true);
        }
        let (name, content) = only_member(node)?;
        let known = variant(variants, &name)?;
        if variants.has_untagged() && !self.fits((known.content)(), content) {
            // If a value fits no variant, the violations are those of the variant that it names.
            if let Some(clean) = self.untagged_instead(variants, node, at) {
                return Some(clean);
            }
        }
        Some(self.value((known.content)(), content, &at.member(&name)))
    }

    /// An internally or adjacently tagged enum that is not flattened.
    fn tagged(&mut self, variants: &Enum, fields: &mut Fields<'_>, node: Node<'_>, at: &At<'_>) -> bool {
        if variants.has_untagged() {
            let mut copy = fields.clone();
            if !self.trial(|trial| trial.tagged_members(variants, &mut copy, &At::body()))
                && let Some(clean) = self.untagged_instead(variants, node, at)
            {
                return clean;
            }
        }
        self.tagged_members(variants, fields, at)
    }

    pub(super) fn tagged_members(&mut self, variants: &Enum, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        match variants.tagging {
            Tagging::Adjacent(tag, content) => {
                let clean = self.adjacent(variants, tag, content, fields, at);
                clean & (!variants.deny_unknown || self.none_left(fields, at))
            }
            Tagging::Internal(tag) => match self.tag(variants, tag, fields, at) {
                Some(known) => self.content((known.content)(), fields, at),
                None => false,
            },
            Tagging::External | Tagging::Untagged => false,
        }
    }

    /// Reads the tag and finds its variant.
    pub(super) fn tag<'v>(
        &mut self,
        variants: &'v Enum,
        tag: &'static str,
        fields: &mut Fields<'_>,
        at: &At<'_>,
    ) -> Option<&'v Variant> {
        let place = at.member(tag);
        let Some((first, again)) = fields.take(&[tag]) else {
            self.refuse("required", "is required", &place);
            return None;
        };
        self.none_again(&again, fields, at);
        let node = fields.get(first)?.node;
        let name = node.string().or_else(|| self.tag_of_nothing(variants, node));
        let known = match name {
            Some(name) => variant(variants, &name),
            None => match self.numbered(variants, node) {
                Some(known) => Some(known),
                None => {
                    self.refuse_type("must be a string", &place);
                    return None;
                }
            },
        };
        if known.is_none() {
            self.refuse_with(unknown_variant(names(variants)), &place);
        }
        known.filter(|_| again.is_empty())
    }

    /// The tag of an adjacently tagged enum is itself an enum, whose variants have no content.
    fn tag_of_nothing<'n>(&self, variants: &Enum, node: Node<'n>) -> Option<Cow<'n, str>> {
        let (name, nothing) = only_member(node)?;
        (matches!(variants.tagging, Tagging::Adjacent(..)) && self.is_unit(nothing)).then_some(name)
    }

    /// serde's buffer also accepts the number of a variant of an internally tagged enum.
    fn numbered<'v>(&self, variants: &'v Enum, node: Node<'_>) -> Option<&'v Variant> {
        let by_number = self.buffered && matches!(variants.tagging, Tagging::Internal(_));
        let number = node.raw().parse().ok().filter(|_| by_number)?;
        tagged(variants).nth(number)
    }

    /// The content of an internally tagged variant: the members beside the tag.
    fn content(&mut self, content: Shape, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        let clean = self.within_buffer(|walk| walk.flattened(content, fields, at));
        match content {
            Shape::Object(object) => clean & self.leftovers(object, fields, at),
            _ => clean & self.distinct(&fields.unknown(), fields, at),
        }
    }

    pub(super) fn adjacent(
        &mut self,
        variants: &Enum,
        tag: &'static str,
        content: &'static str,
        fields: &mut Fields<'_>,
        at: &At<'_>,
    ) -> bool {
        let tag_position = fields.position(tag);
        let known = self.tag(variants, tag, fields, at);
        let (first, again) = fields.take(&[content]).unzip();
        let place = at.member(content);
        let Some(known) = known else { return false };
        let clean = self.none_again(&again.unwrap_or_default(), fields, at);
        match ((known.content)(), first.and_then(|first| fields.get(first))) {
            (Shape::Unit | Shape::Optional(_), None) => clean,
            (_, None) => self.refuse("required", "is required", &place),
            // serde's buffer accepts an empty object for `()`, but not for a unit variant.
            (Shape::Unit, Some(field)) => {
                (field.node.read::<()>().is_ok() || self.refuse_type("must be null", &place)) & clean
            }
            // A content before its tag waits in serde's buffer.
            (shape, Some(field)) if first < tag_position => {
                self.within_buffer(|walk| walk.value(shape, field.node, &place)) & clean
            }
            (shape, Some(field)) => self.value(shape, field.node, &place) & clean,
        }
    }

    /// The variant of the first member whose name is that of a variant.
    pub(super) fn flattened_external(&mut self, variants: &Enum, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        let named = |name: &str| tagged(variants).find(|variant| variant.names.contains(&name));
        let Some(known) = fields.left().into_iter().find_map(|position| named(fields.get(position)?.name())) else {
            return self.refuse_with(unknown_variant(names(variants)), at);
        };
        let Some((first, again)) = fields.take(known.names) else { return false };
        let clean = self.none_again(&again, fields, at);
        match fields.get(first) {
            Some(field) => self.value((known.content)(), field.node, &at.member(field.name())) & clean,
            None => clean,
        }
    }
}

/// The name and the content of an object of one member.
fn only_member(node: Node<'_>) -> Option<(Cow<'_, str>, Node<'_>)> {
    let mut members = node.members()?;
    match (members.next(), members.next()) {
        (Some((name, content)), None) => Some((name.unwrap_or(Cow::Borrowed("\u{fffd}")), content)),
        _ => None,
    }
}

fn only_names(variants: &Enum) -> bool {
    tagged(variants).all(|variant| matches!((variant.content)(), Shape::Unit))
}

fn tagged(variants: &Enum) -> impl Iterator<Item = &Variant> {
    variants.variants.iter().filter(|variant| !variant.untagged)
}

/// The variant with a name.
fn variant<'v>(variants: &'v Enum, name: &str) -> Option<&'v Variant> {
    tagged(variants)
        .find(|variant| variant.names.contains(&name))
        .or_else(|| tagged(variants).find(|variant| variant.other))
}

/// The names of the variants in the attribute or the type.
fn names(variants: &Enum) -> impl Iterator<Item = &'static str> {
    let named = variants.variants.iter().filter(|variant| !variant.untagged && !variant.other);
    named.filter_map(|variant| variant.names.first().copied()).collect::<Vec<_>>().into_iter()
}

/// Whether a member remains that a flattened enum would take.
pub(super) fn mentions(variants: &Enum, fields: &Fields<'_>) -> bool {
    match variants.tagging {
        _ if variants.has_untagged() => !fields.left().is_empty(),
        Tagging::Internal(tag) => fields.has(tag),
        Tagging::Adjacent(tag, content) => fields.has(tag) || fields.has(content),
        Tagging::External => names(variants).any(|name| fields.has(name)),
        Tagging::Untagged => !fields.left().is_empty(),
    }
}
