use std::collections::HashSet;

use crate::violation::InputPath;

use super::Walk;
use crate::payload::Node;
use crate::payload::decode_error::TOO_LARGE;
use crate::payload::json::Kind;
use crate::payload::node::Origin;

impl Walk<'_, '_> {
    /// Reports values that no type accepts, although the grammar allows them: a name that occurs twice in an object,
    /// half of a surrogate pair, a number that is too large. Returns whether there were any.
    pub(super) fn report_untypeable(&mut self, node: Node<'_>, at: &InputPath<'_>) -> bool {
        if self.is_over() {
            return false;
        }
        self.effort.visit();
        match node.origin() {
            Origin::Json(document, index) => match document.kind(index) {
                Kind::String if node.string().is_none() => {
                    self.refuse_type("must be of Unicode characters", at);
                    true
                }
                Kind::Number if is_infinite(node.raw()) => {
                    self.refuse_type(TOO_LARGE, at);
                    true
                }
                Kind::Array | Kind::Object => self.report_untypeable_inside(node, at),
                _ => false,
            },
            Origin::Text(text) => {
                let found = text.pairs().iter().any(|pair| pair.value.is_none());
                if found {
                    self.refuse_type("must be of Unicode characters", at);
                }
                found
            }
            Origin::Name(_) => false,
        }
    }

    fn report_untypeable_inside(&mut self, node: Node<'_>, at: &InputPath<'_>) -> bool {
        let mut found = false;
        for (i, element) in node.elements().into_iter().flatten().enumerate() {
            found |= self.report_untypeable(element, &at.index(i));
        }
        let mut seen = HashSet::new();
        for (name, value) in node.members().into_iter().flatten() {
            if self.is_over() {
                return found;
            }
            let text = name.as_deref().unwrap_or("\u{fffd}");
            let place = at.member(text);
            if name.is_none() {
                self.refuse_type("must have a name of Unicode characters", &place);
                found = true;
            } else if !seen.insert(name.clone()) {
                self.refuse("duplicate", "is given twice", &place);
                found = true;
            }
            found |= self.report_untypeable(value, &place);
        }
        found
    }
}

/// Whether a number is beyond the range of a double. Only a long one, or one with an exponent, can be.
fn is_infinite(number: &str) -> bool {
    (number.len() > 300 || number.contains(['e', 'E'])) && serde_json::from_str::<f64>(number).is_err()
}
