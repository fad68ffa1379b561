use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};

use icu_normalizer::ComposingNormalizerBorrowed;

/// One step of cleaning a text. A text that is already clean is not touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Removes control characters (Unicode's category Cc), but keeps line feeds and tabs.
    StripControl,
    /// Converts all letters to lower case, as Unicode defines it.
    Lowercase,
    /// Converts all letters to upper case, as Unicode defines it.
    Uppercase,
    /// Composes characters (Unicode's form NFC), so that texts that look the same are the same.
    Nfc,
    /// Removes white space from both ends.
    Trim,
}

impl Step {
    fn run(self, text: &mut String) {
        match self {
            Self::StripControl => strip_control(text),
            Self::Lowercase => {
                if text.chars().any(char::is_uppercase) {
                    *text = text.to_lowercase();
                }
            }
            Self::Uppercase => {
                if text.chars().any(char::is_lowercase) {
                    *text = text.to_uppercase();
                }
            }
            Self::Nfc => normalise(text),
            Self::Trim => trim(text),
        }
    }
}

fn strip_control(text: &mut String) {
    let is_unwanted = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(is_unwanted) {
        text.retain(|c| !is_unwanted(c));
    }
}

fn normalise(text: &mut String) {
    if text.is_ascii() {
        return;
    }
    if let Cow::Owned(composed) = ComposingNormalizerBorrowed::new_nfc().normalize(text) {
        *text = composed;
    }
}

fn trim(text: &mut String) {
    text.truncate(text.trim_end().len());
    let start = text.len() - text.trim_start().len();
    if start > 0 {
        text.drain(..start);
    }
}

/// A type with texts that can be cleaned: a text, and options, lists and maps (by value) of texts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` holds no text that could be cleaned",
    label = "this type is no text",
    note = "`trim`, `nfc`, `lowercase`, `uppercase` and `strip_control` go with `String`, `Option<String>`, `Vec<String>` and their like",
    note = "for a text type of your own, implement `buttress::payload::Sanitise`"
)]
pub trait Sanitise {
    /// Applies these steps, in this order.
    fn sanitise(&mut self, steps: &[Step]);
}

impl Sanitise for String {
    #[inline]
    fn sanitise(&mut self, steps: &[Step]) {
        steps.iter().for_each(|step| step.run(self));
    }
}

impl<T: Sanitise> Sanitise for Option<T> {
    #[inline]
    fn sanitise(&mut self, steps: &[Step]) {
        self.iter_mut().for_each(|value| value.sanitise(steps));
    }
}

impl<T: Sanitise + ?Sized> Sanitise for Box<T> {
    #[inline]
    fn sanitise(&mut self, steps: &[Step]) {
        (**self).sanitise(steps);
    }
}

impl<T: Sanitise> Sanitise for [T] {
    fn sanitise(&mut self, steps: &[Step]) {
        self.iter_mut().for_each(|value| value.sanitise(steps));
    }
}

impl<T: Sanitise> Sanitise for Vec<T> {
    fn sanitise(&mut self, steps: &[Step]) {
        self.as_mut_slice().sanitise(steps);
    }
}

impl<T: Sanitise> Sanitise for VecDeque<T> {
    fn sanitise(&mut self, steps: &[Step]) {
        self.iter_mut().for_each(|value| value.sanitise(steps));
    }
}

impl<K, T: Sanitise, S> Sanitise for HashMap<K, T, S> {
    fn sanitise(&mut self, steps: &[Step]) {
        self.values_mut().for_each(|value| value.sanitise(steps));
    }
}

impl<K, T: Sanitise> Sanitise for BTreeMap<K, T> {
    fn sanitise(&mut self, steps: &[Step]) {
        self.values_mut().for_each(|value| value.sanitise(steps));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str, steps: &[Step]) -> String {
        let mut text = text.to_owned();
        text.sanitise(steps);
        text
    }

    #[test]
    fn each_step_does_its_part() {
        assert_eq!(cleaned(" \u{2003}a b\t\n", &[Step::Trim]), "a b");
        assert_eq!(cleaned("e\u{301}", &[Step::Nfc]), "é");
        assert_eq!(cleaned("Straße", &[Step::Uppercase]), "STRASSE");
        assert_eq!(cleaned("ÀB", &[Step::Lowercase]), "àb");
        assert_eq!(cleaned("a\u{0}\r\n\tb\u{9b}", &[Step::StripControl]), "a\n\tb");
    }

    #[test]
    fn a_clean_text_is_not_touched() {
        let mut text = String::from("clean é");
        let before = text.as_ptr();
        text.sanitise(&[Step::StripControl, Step::Lowercase, Step::Nfc, Step::Trim]);
        assert_eq!((text.as_str(), text.as_ptr()), ("clean é", before));
    }

    #[test]
    fn what_control_characters_hid_is_trimmed() {
        assert_eq!(cleaned("\u{0} a \u{0}", &[Step::StripControl, Step::Trim]), "a");
    }
}
