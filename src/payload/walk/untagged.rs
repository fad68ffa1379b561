//! Variants that are identified by their content alone: they are tried one after another.

use crate::violation::InputPath;

use super::fields::Fields;
use super::{Walk, is_alike};
use crate::payload::Node;
use crate::schema::{Enum, Variant};

impl Walk<'_, '_> {
    /// The first variant that fits; if none does, the only variant of the right kind explains why.
    pub(super) fn untagged(&mut self, variants: &'static Enum, node: Node<'_>, at: &InputPath<'_>) -> bool {
        if let Some(clean) = self.any_of(variants.variants().iter(), node, at) {
            return clean;
        }
        let mut alike = variants.variants().iter().filter(|variant| is_alike(variant.content(), node));
        match (alike.next(), alike.next()) {
            (Some(only), None) if self.reports() => {
                self.within_buffer(|walk| walk.value(only.content(), node, at))
                    && self.refuse_type("is not acceptable", at)
            }
            _ => self.refuse_type("fits none of the forms that are known", at),
        }
    }

    /// The result of the first untagged variant that fits; `None` if none does.
    pub(super) fn untagged_instead(
        &mut self,
        variants: &'static Enum,
        node: Node<'_>,
        at: &InputPath<'_>,
    ) -> Option<bool> {
        self.any_of(variants.variants().iter().filter(|variant| variant.is_untagged()), node, at)
    }

    fn any_of(
        &mut self,
        mut variants: impl Iterator<Item = &'static Variant>,
        node: Node<'_>,
        at: &InputPath<'_>,
    ) -> Option<bool> {
        let fits = |walk: &mut Self, variant: &Variant| walk.within_buffer(|walk| walk.fits(variant.content(), node));
        let first = variants.find(|variant| fits(self, variant))?;
        Some(!self.reports() || self.within_buffer(|walk| walk.value(first.content(), node, at)))
    }

    /// Like [`untagged`](Self::untagged), for an enum that is flattened into an object.
    pub(super) fn flattened_untagged(
        &mut self,
        variants: &'static Enum,
        fields: &mut Fields<'_>,
        at: &InputPath<'_>,
    ) -> bool {
        self.flattened_form(variants.variants().iter(), fields, at)
            .unwrap_or_else(|| self.refuse_type("fits none of the forms that are known", at))
    }

    /// The result of the first of these variants that fits; `None` if none does.
    pub(super) fn flattened_form(
        &mut self,
        variants: impl Iterator<Item = &'static Variant>,
        fields: &mut Fields<'_>,
        at: &InputPath<'_>,
    ) -> Option<bool> {
        for variant in variants {
            let mut copy = fields.clone();
            self.effort.visit_all(copy.list.len());
            if self.trial(|trial| trial.flattened(variant.content(), &mut copy, &InputPath::body())) {
                fields.see_what_is_taken(&copy);
                return Some(!self.reports() || self.flattened(variant.content(), &mut fields.clone(), at));
            }
        }
        None
    }
}

/// Whether a variant is identified by its content alone, in an enum with another tagging.
pub(super) fn has_untagged(variants: &Enum) -> bool {
    variants.variants().iter().any(Variant::is_untagged)
}
