use crate::violation::At;

use super::fields::Fields;
use super::{Purpose, Walk, is_alike};
use crate::payload::explain::unknown_variant;
use crate::payload::{Enum, Node, Shape, Tagging, Variant};

impl Walk<'_, '_> {
    pub(super) fn variants(&mut self, variants: &Enum, node: Node<'_>, at: &At<'_>) -> bool {
        if self.purpose == Purpose::Patch && Fields::of(node).is_some() {
            // Which variant it is may follow from what the patch does not mention.
            return !self.odd(node, at);
        }
        let clean = match variants.tagging {
            Tagging::External => self.external(variants, node, at),
            Tagging::Untagged => self.untagged(variants.variants.iter(), node, at),
            Tagging::Internal(_) | Tagging::Adjacent(..) => match Fields::of(node) {
                Some(mut fields) => self.tagged(variants, &mut fields, node, at),
                None => self.fits_untagged(variants, node) || self.refuse_type("must be an object", at),
            },
        };
        if clean {
            self.rules(variants.check, node, at);
        }
        clean
    }

    fn external(&mut self, variants: &Enum, node: Node<'_>, at: &At<'_>) -> bool {
        if let Some(name) = node.string() {
            return match variant(variants, &name) {
                Some(known) if matches!((known.content)(), Shape::Unit) => true,
                _ if self.fits_untagged(variants, node) => true,
                Some(_) => self.refuse_type("must be an object with one member", at),
                None => self.refuse_with(unknown_variant(names(variants)), at),
            };
        }
        let fields = Fields::of(node);
        match fields.as_ref().map(|fields| fields.list.as_slice()) {
            Some([field]) => match variant(variants, field.name()) {
                Some(known) if self.is_untagged_instead(variants, known, field.node, node) => true,
                Some(known) => self.value((known.content)(), field.node, &at.member(field.name())),
                None if self.fits_untagged(variants, node) => true,
                None => self.refuse_with(unknown_variant(names(variants)), at),
            },
            _ if self.fits_untagged(variants, node) => true,
            Some(_) => self.refuse_type("must be an object with one member", at),
            None if self.only_names(variants) => self.refuse_type("must be a string", at),
            None => self.refuse_type("must be an object with one member", at),
        }
    }

    fn only_names(&self, variants: &Enum) -> bool {
        tagged(variants).all(|variant| matches!((variant.content)(), Shape::Unit))
    }

    /// Whether a variant's content does not fit, and one without a tag takes the whole.
    fn is_untagged_instead(&mut self, variants: &Enum, known: &Variant, content: Node<'_>, whole: Node<'_>) -> bool {
        variants.variants.iter().any(|variant| variant.untagged)
            && !self.fits((known.content)(), content)
            && self.fits_untagged(variants, whole)
    }

    fn fits_untagged(&mut self, variants: &Enum, node: Node<'_>) -> bool {
        let mut untagged = variants.variants.iter().filter(|variant| variant.untagged);
        untagged.any(|variant| self.fits((variant.content)(), node))
    }

    /// An internally or adjacently tagged enum that stands by itself.
    fn tagged(&mut self, variants: &Enum, fields: &mut Fields<'_>, node: Node<'_>, at: &At<'_>) -> bool {
        if variants.variants.iter().any(|variant| variant.untagged) {
            let mut copy = fields.clone();
            if !self.trial(|trial| trial.tagged_members(variants, &mut copy, &At::body()))
                && self.fits_untagged(variants, node)
            {
                return true;
            }
        }
        self.tagged_members(variants, fields, at)
    }

    fn tagged_members(&mut self, variants: &Enum, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
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
    fn tag<'v>(
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
        let Some(name) = fields.get(first).and_then(|field| field.node.string()) else {
            self.refuse_type("must be a string", &place);
            return None;
        };
        let known = variant(variants, &name);
        if known.is_none() {
            self.refuse_with(unknown_variant(names(variants)), &place);
        }
        known.filter(|_| again.is_empty())
    }

    /// The content of an internally tagged variant: what stands beside the tag.
    fn content(&mut self, content: Shape, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        let clean = self.flattened(content, fields, at);
        match content {
            Shape::Object(object) => clean & self.leftovers(object, fields, at),
            _ => clean & self.distinct(&fields.left(), fields, at),
        }
    }

    fn adjacent(
        &mut self,
        variants: &Enum,
        tag: &'static str,
        content: &'static str,
        fields: &mut Fields<'_>,
        at: &At<'_>,
    ) -> bool {
        let known = self.tag(variants, tag, fields, at);
        let (first, again) = fields.take(&[content]).unzip();
        let place = at.member(content);
        let Some(known) = known else { return false };
        let clean = self.none_again(&again.unwrap_or_default(), fields, at);
        match ((known.content)(), first.and_then(|first| fields.get(first))) {
            (Shape::Unit | Shape::Optional(_), None) => clean,
            (_, None) => self.refuse("required", "is required", &place),
            (shape, Some(field)) => self.value(shape, field.node, &place) & clean,
        }
    }

    /// An enum at the level of the object that contains it.
    pub(super) fn flattened_variants(&mut self, variants: &Enum, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        match variants.tagging {
            Tagging::External => self.flattened_external(variants, fields, at),
            Tagging::Untagged => self.flattened_untagged(variants, fields, at),
            Tagging::Adjacent(tag, content) => self.adjacent(variants, tag, content, fields, at),
            Tagging::Internal(tag) => match self.tag(variants, tag, fields, at) {
                Some(known) => self.flattened((known.content)(), fields, at),
                None => false,
            },
        }
    }

    fn flattened_external(&mut self, variants: &Enum, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        let Some(known) = tagged(variants).find(|variant| variant.names.iter().any(|name| fields.has(name))) else {
            return self.refuse_with(unknown_variant(names(variants)), at);
        };
        let Some((first, again)) = fields.take(known.names) else { return false };
        let clean = self.none_again(&again, fields, at);
        match fields.get(first) {
            Some(field) => self.value((known.content)(), field.node, &at.member(field.name())) & clean,
            None => clean,
        }
    }

    fn flattened_untagged(&mut self, variants: &Enum, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        for variant in variants.variants {
            let mut copy = fields.clone();
            if self.trial(|trial| trial.flattened((variant.content)(), &mut copy, &At::body())) {
                return self.flattened((variant.content)(), fields, at);
            }
        }
        self.refuse_type("fits none of the forms that are known", at)
    }

    /// The first variant that fits; if none does, the only one of the right kind says why.
    fn untagged<'v>(&mut self, variants: impl Iterator<Item = &'v Variant>, node: Node<'_>, at: &At<'_>) -> bool {
        let mut alike = Vec::new();
        for variant in variants {
            if self.fits((variant.content)(), node) {
                return self.value((variant.content)(), node, at);
            }
            if is_alike((variant.content)(), node) {
                alike.push(variant);
            }
        }
        match alike.as_slice() {
            [only] => self.value((only.content)(), node, at) && self.refuse_type("is not acceptable", at),
            _ => self.refuse_type("fits none of the forms that are known", at),
        }
    }
}

fn tagged(variants: &Enum) -> impl Iterator<Item = &Variant> {
    variants.variants.iter().filter(|variant| !variant.untagged)
}

/// The variant of a name.
fn variant<'v>(variants: &'v Enum, name: &str) -> Option<&'v Variant> {
    tagged(variants)
        .find(|variant| variant.names.contains(&name))
        .or_else(|| tagged(variants).find(|variant| variant.other))
}

/// What the author calls the variants.
fn names(variants: &Enum) -> impl Iterator<Item = &'static str> {
    let named = variants.variants.iter().filter(|variant| !variant.untagged && !variant.other);
    named.filter_map(|variant| variant.names.first().copied()).collect::<Vec<_>>().into_iter()
}

/// Whether any member is left that a flattened enum would take.
pub(super) fn mentions(variants: &Enum, fields: &Fields<'_>) -> bool {
    match variants.tagging {
        Tagging::Internal(tag) => fields.has(tag),
        Tagging::Adjacent(tag, content) => fields.has(tag) || fields.has(content),
        Tagging::External => names(variants).any(|name| fields.has(name)),
        Tagging::Untagged => !fields.left().is_empty(),
    }
}
