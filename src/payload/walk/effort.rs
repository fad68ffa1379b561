use std::collections::HashMap;

use crate::payload::Node;

/// A table of a schema, a part of the input, and whether serde reads the part out of its buffer.
type Question = (usize, usize, bool);

/// How much work a walk may still do, and the results that it has already.
///
/// The result of every trial is kept, so the work grows with the input and with the number of variants, as serde's
/// does. The limit is for unforeseen cases: it counts the bytes that are read and the parts that are visited.
#[derive(Debug)]
pub(super) struct Effort {
    /// How much more work may be done; one unit is about one byte that is read.
    left: usize,
    /// How many more bytes may be read again for the rules of the parts that contain them.
    again: usize,
    answers: HashMap<Question, bool>,
}

impl Effort {
    /// The units for each visited part.
    const PART: usize = 8;
    /// The units for each byte of an input.
    const FOR_A_BYTE: usize = 1024;
    /// How often each byte may be read again for rules, on average.
    const AGAIN: usize = 16;
    /// A number of bytes that is added to the size of every input, so that a small input may cost enough.
    const SMALLEST: usize = 4096;

    pub(super) fn for_input(root: Node<'_>) -> Self {
        let size = root.size().saturating_add(Self::SMALLEST);
        Self {
            left: size.saturating_mul(Self::FOR_A_BYTE),
            again: size.saturating_mul(Self::AGAIN),
            answers: HashMap::new(),
        }
    }

    /// For a walk that visits each part once, whatever the schema.
    pub(super) fn boundless() -> Self {
        Self { left: usize::MAX, again: 0, answers: HashMap::new() }
    }

    pub(super) const fn is_spent(&self) -> bool {
        self.left == 0
    }

    pub(super) const fn visit(&mut self) {
        self.left = self.left.saturating_sub(Self::PART);
    }

    pub(super) const fn visit_all(&mut self, parts: usize) {
        self.left = self.left.saturating_sub(parts.saturating_mul(Self::PART));
    }

    pub(super) const fn read(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
    }

    /// Whether this many bytes may be read again.
    pub(super) fn read_again(&mut self, bytes: usize) -> bool {
        let left = self.again.checked_sub(bytes);
        self.again = left.unwrap_or(self.again);
        left.is_some()
    }

    pub(super) fn known(&self, question: Question) -> Option<bool> {
        self.answers.get(&question).copied()
    }

    pub(super) fn remember(&mut self, question: Question, answer: bool) {
        // A trial that was cut short has no result.
        if !self.is_spent() {
            self.answers.insert(question, answer);
        }
    }
}
