use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::schema::Sanitizer;

fn run(sanitizer: Sanitizer, text: &mut String) {
    match sanitizer {
        Sanitizer::StripControl => strip_control(text),
        Sanitizer::Lowercase => {
            if text.chars().any(char::is_uppercase) {
                *text = text.to_lowercase();
            }
        }
        Sanitizer::Uppercase => {
            if text.chars().any(char::is_lowercase) {
                *text = text.to_uppercase();
            }
        }
        Sanitizer::Nfc => normalise(text),
        Sanitizer::Trim => trim(text),
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
    /// Applies these sanitizers, in this order.
    fn sanitise(&mut self, sanitizers: &[Sanitizer]);
}

impl Sanitise for String {
    #[inline]
    fn sanitise(&mut self, sanitizers: &[Sanitizer]) {
        sanitizers.iter().for_each(|sanitizer| run(*sanitizer, self));
    }
}

impl<T: Sanitise> Sanitise for Option<T> {
    #[inline]
    fn sanitise(&mut self, sanitizers: &[Sanitizer]) {
        self.iter_mut().for_each(|value| value.sanitise(sanitizers));
    }
}

impl<T: Sanitise + ?Sized> Sanitise for Box<T> {
    #[inline]
    fn sanitise(&mut self, sanitizers: &[Sanitizer]) {
        (**self).sanitise(sanitizers);
    }
}

impl<T: Sanitise> Sanitise for [T] {
    fn sanitise(&mut self, sanitizers: &[Sanitizer]) {
        self.iter_mut().for_each(|value| value.sanitise(sanitizers));
    }
}

impl<T: Sanitise> Sanitise for Vec<T> {
    fn sanitise(&mut self, sanitizers: &[Sanitizer]) {
        self.as_mut_slice().sanitise(sanitizers);
    }
}

impl<T: Sanitise> Sanitise for VecDeque<T> {
    fn sanitise(&mut self, sanitizers: &[Sanitizer]) {
        self.iter_mut().for_each(|value| value.sanitise(sanitizers));
    }
}

impl<K, T: Sanitise, S> Sanitise for HashMap<K, T, S> {
    fn sanitise(&mut self, sanitizers: &[Sanitizer]) {
        self.values_mut().for_each(|value| value.sanitise(sanitizers));
    }
}

impl<K, T: Sanitise> Sanitise for BTreeMap<K, T> {
    fn sanitise(&mut self, sanitizers: &[Sanitizer]) {
        self.values_mut().for_each(|value| value.sanitise(sanitizers));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str, sanitizers: &[Sanitizer]) -> String {
        let mut text = text.to_owned();
        text.sanitise(sanitizers);
        text
    }

    #[test]
    fn each_sanitizer_does_its_part() {
        assert_eq!(cleaned(" \u{2003}a b\t\n", &[Sanitizer::Trim]), "a b");
        assert_eq!(cleaned("e\u{301}", &[Sanitizer::Nfc]), "é");
        assert_eq!(cleaned("Straße", &[Sanitizer::Uppercase]), "STRASSE");
        assert_eq!(cleaned("ÀB", &[Sanitizer::Lowercase]), "àb");
        assert_eq!(cleaned("a\u{0}\r\n\tb\u{9b}", &[Sanitizer::StripControl]), "a\n\tb");
    }

    #[test]
    fn a_clean_text_is_not_touched() {
        let mut text = String::from("clean é");
        let before = text.as_ptr();
        text.sanitise(&[Sanitizer::StripControl, Sanitizer::Lowercase, Sanitizer::Nfc, Sanitizer::Trim]);
        assert_eq!((text.as_str(), text.as_ptr()), ("clean é", before));
    }

    #[test]
    fn what_control_characters_hid_is_trimmed() {
        assert_eq!(cleaned("\u{0} a \u{0}", &[Sanitizer::StripControl, Sanitizer::Trim]), "a");
    }
}
