use std::borrow::Cow;

use crate::violation::InputPath;

use super::fields::Fields;
use super::untagged::has_untagged;
use super::{Purpose, Walk};
use crate::payload::{Check, DecodeError, Node};
use crate::schema::{Enum, Kind, Schema, Tagging, Variant};

impl Walk<'_, '_> {
    pub(super) fn variants(&mut self, variants: &'static Enum, node: Node<'_>, at: &InputPath<'_>) -> bool {
        if self.purpose == Purpose::Patch && Fields::of(node).is_some() {
            // The part that the patch does not mention may decide which variant it is.
            return !self.report_untypeable(node, at);
        }
        let clean = match variants.tagging() {
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
            self.rules(Check::find(variants.hook()), node, at);
        }
        clean
    }

    fn external(&mut self, variants: &'static Enum, node: Node<'_>, at: &InputPath<'_>) -> bool {
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
            true => self.refuse_with(DecodeError::unknown_variant(names(variants)), at),
            false if node.members().is_none() && only_names(variants) => self.refuse_type("must be a string", at),
            false => self.refuse_type("must be an object with one member", at),
        }
    }

    /// The result of the named variant; `None` if no variant is named, or if an untagged one may take the whole.
    fn external_content(&mut self, variants: &'static Enum, node: Node<'_>, at: &InputPath<'_>) -> Option<bool> {
        if let Some(name) = node.string() {
            let known = variant(variants, &name)?;
            return is_unit(known).then_some(true);
        }
        let (name, content) = only_member(node)?;
        let known = variant(variants, &name)?;
        if has_untagged(variants) && !self.fits(known.content(), content) {
            // If a value fits no variant, the violations are those of the variant that it names.
            if let Some(clean) = self.untagged_instead(variants, node, at) {
                return Some(clean);
            }
        }
        Some(self.value(known.content(), content, &at.member(&name)))
    }

    /// An internally or adjacently tagged enum that is not flattened.
    fn tagged(&mut self, variants: &'static Enum, fields: &mut Fields<'_>, node: Node<'_>, at: &InputPath<'_>) -> bool {
        if has_untagged(variants) {
            let mut copy = fields.clone();
            if !self.trial(|trial| trial.tagged_members(variants, &mut copy, &InputPath::body()))
                && let Some(clean) = self.untagged_instead(variants, node, at)
            {
                return clean;
            }
        }
        self.tagged_members(variants, fields, at)
    }

    pub(super) fn tagged_members(
        &mut self,
        variants: &'static Enum,
        fields: &mut Fields<'_>,
        at: &InputPath<'_>,
    ) -> bool {
        match variants.tagging() {
            Tagging::Adjacent(tag, content) => {
                let clean = self.adjacent(variants, tag, content, fields, at);
                clean & (!variants.denies_unknown() || self.none_left(fields, at))
            }
            Tagging::Internal(tag) => match self.tag(variants, tag, fields, at) {
                Some(known) => self.content(known.content(), fields, at),
                None => false,
            },
            Tagging::External | Tagging::Untagged => false,
        }
    }

    /// Reads the tag and finds its variant.
    pub(super) fn tag(
        &mut self,
        variants: &'static Enum,
        tag: &'static str,
        fields: &mut Fields<'_>,
        at: &InputPath<'_>,
    ) -> Option<&'static Variant> {
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
            self.refuse_with(DecodeError::unknown_variant(names(variants)), &place);
        }
        known.filter(|_| again.is_empty())
    }

    /// The name in a tag of the form `{"Name": null}`. serde reads the tag of an adjacently tagged enum as an enum of
    /// its own, whose variants have no content.
    fn tag_of_nothing<'n>(&self, variants: &'static Enum, node: Node<'n>) -> Option<Cow<'n, str>> {
        let (name, nothing) = only_member(node)?;
        (matches!(variants.tagging(), Tagging::Adjacent(..)) && self.is_unit(nothing)).then_some(name)
    }

    /// serde's buffer also accepts the number of a variant of an internally tagged enum.
    fn numbered(&self, variants: &'static Enum, node: Node<'_>) -> Option<&'static Variant> {
        let by_number = self.buffered && matches!(variants.tagging(), Tagging::Internal(_));
        let number = node.raw().parse().ok().filter(|_| by_number)?;
        tagged(variants).nth(number)
    }

    /// The content of an internally tagged variant: the members beside the tag.
    fn content(&mut self, content: &'static Schema, fields: &mut Fields<'_>, at: &InputPath<'_>) -> bool {
        let clean = self.within_buffer(|walk| walk.flattened(content, fields, at));
        match content.unwrapped().kind() {
            Kind::Object(object) => clean & self.leftovers(object, fields, at),
            _ => clean & self.distinct(&fields.unknown(), fields, at),
        }
    }

    pub(super) fn adjacent(
        &mut self,
        variants: &'static Enum,
        tag: &'static str,
        content: &'static str,
        fields: &mut Fields<'_>,
        at: &InputPath<'_>,
    ) -> bool {
        let tag_position = fields.position(tag);
        let known = self.tag(variants, tag, fields, at);
        let (first, again) = fields.take(&[content]).unzip();
        let place = at.member(content);
        let Some(known) = known else { return false };
        let clean = self.none_again(&again.unwrap_or_default(), fields, at);
        let content_schema = known.content();
        match (content_schema.unwrapped().kind(), first.and_then(|first| fields.get(first))) {
            (Kind::Null | Kind::Optional(_), None) => clean,
            (_, None) => self.refuse("required", "is required", &place),
            // serde's buffer accepts an empty object for `()`, but not for a unit variant.
            (Kind::Null, Some(field)) => {
                (field.node.read::<()>().is_ok() || self.refuse_type("must be null", &place)) & clean
            }
            // serde keeps a content that comes before its tag in its buffer.
            (_, Some(field)) if first < tag_position => {
                self.within_buffer(|walk| walk.value(content_schema, field.node, &place)) & clean
            }
            (_, Some(field)) => self.value(content_schema, field.node, &place) & clean,
        }
    }

    /// Finds the first member that has the name of a variant, and checks it as that variant.
    pub(super) fn flattened_external(
        &mut self,
        variants: &'static Enum,
        fields: &mut Fields<'_>,
        at: &InputPath<'_>,
    ) -> bool {
        let named = |name: &str| tagged(variants).find(|variant| variant.names().contains(&name));
        let Some(known) = fields.left().into_iter().find_map(|position| named(fields.get(position)?.name())) else {
            return self.refuse_with(DecodeError::unknown_variant(names(variants)), at);
        };
        let Some((first, again)) = fields.take(known.names()) else { return false };
        let clean = self.none_again(&again, fields, at);
        match fields.get(first) {
            Some(field) => self.value(known.content(), field.node, &at.member(field.name())) & clean,
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

/// Whether a variant has no content.
fn is_unit(variant: &Variant) -> bool {
    matches!(variant.content().unwrapped().kind(), Kind::Null)
}

fn only_names(variants: &'static Enum) -> bool {
    tagged(variants).all(is_unit)
}

fn tagged(variants: &'static Enum) -> impl Iterator<Item = &'static Variant> {
    variants.variants().iter().filter(|variant| !variant.is_untagged())
}

/// The variant with a name.
fn variant(variants: &'static Enum, name: &str) -> Option<&'static Variant> {
    tagged(variants)
        .find(|variant| variant.names().contains(&name))
        .or_else(|| tagged(variants).find(|variant| variant.is_other()))
}

/// The names that a message lists: no aliases, and no variant without a name of its own.
fn names(variants: &'static Enum) -> impl Iterator<Item = &'static str> {
    let named = variants.variants().iter().filter(|variant| !variant.is_untagged() && !variant.is_other());
    named.filter_map(|variant| variant.names().first().copied()).collect::<Vec<_>>().into_iter()
}

/// Whether a member remains that a flattened enum would take.
pub(super) fn mentions(variants: &'static Enum, fields: &Fields<'_>) -> bool {
    match variants.tagging() {
        _ if has_untagged(variants) => !fields.left().is_empty(),
        Tagging::Internal(tag) => fields.has(tag),
        Tagging::Adjacent(tag, content) => fields.has(tag) || fields.has(content),
        Tagging::External => names(variants).any(|name| fields.has(name)),
        Tagging::Untagged => !fields.left().is_empty(),
    }
}
