//! The effect of one statement of a text on its transaction and its session.

use super::lex::{Kind, Token};
use super::marks::{Marks, allows_writes, contains};
use super::syntax::Syntax;
use super::{Effect, Residue};

/// The tokens of one statement, as far as they matter.
#[derive(Debug, Default)]
pub(in crate::sql) struct Statement<'a> {
    /// Its first words; more do not matter.
    pub(in crate::sql) head: [&'a str; 3],
    words: usize,
    /// The marks of its words and names.
    pub(in crate::sql) marks: Marks,
    /// The marks of its texts, which may be statements of a block or the name of a setting.
    pub(in crate::sql) inside: Marks,
    /// Whether anything but a word stands where its head should be.
    begins_oddly: bool,
    is_empty: bool,
    before: Option<Token<'a>>,
    /// Whether the last `&` stood behind a `U`.
    after_unicode: bool,
    /// How many words came after `INTO`.
    after_into: Option<u32>,
    set_config: Call,
}

/// Where in `set_config(…)` the statement is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Call {
    #[default]
    None,
    Named,
    /// Among the arguments; whether the last one is `true`, as far as it goes.
    Arguments(bool),
}

impl<'a> Statement<'a> {
    pub(super) fn new() -> Self {
        Self { is_empty: true, ..Self::default() }
    }

    /// A statement that begins so, and holds these marks.
    pub(super) fn of_marks(head: [&'a str; 3], marks: Marks) -> Self {
        Self { head, marks, inside: marks, ..Self::default() }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Whether its first word is one of these, in lower case.
    pub(in crate::sql) fn begins_with(&self, words: &[&str]) -> bool {
        is_one_of(self.head[0], words)
    }

    /// Takes the next token, which is neither blank nor a semicolon.
    pub(super) fn token(&mut self, token: Token<'a>) {
        self.is_empty = false;
        self.call(token);
        match token.kind {
            Kind::Word | Kind::Name => self.word(token),
            Kind::Literal => {
                self.inside = self.inside.with(Marks::of_text(token.text));
                self.sign(token);
            }
            _ => self.sign(token),
        }
        self.before = Some(token);
    }

    fn word(&mut self, token: Token<'a>) {
        let name = token.name().unwrap_or_default();
        self.mark(Marks::of_word(name).without(Marks::SET_CONFIG));
        if self.before.and_then(Token::name).is_some_and(|before| allows_writes(before, name)) {
            self.mark(Marks::ALLOWS_WRITES);
        }
        match self.after_into {
            _ if name.eq_ignore_ascii_case("into") => self.after_into = Some(0),
            Some(0 | 1) if is_one_of(name, &["temp", "temporary"]) => self.mark(Marks::INTO_TEMPORARY),
            Some(words) => self.after_into = Some(words + 1),
            None => {}
        }
        if token.kind == Kind::Word {
            if let Some(word) = self.head.get_mut(self.words) {
                *word = name;
            }
        } else {
            self.begins_oddly |= self.words == 0;
            let escaped = self.after_unicode && self.before.is_some_and(|before| before.is("&"));
            self.mark(if escaped { Marks::ESCAPED_NAME } else { Marks::NONE });
        }
        self.words += 1;
    }

    fn sign(&mut self, token: Token<'a>) {
        let before = |sign| self.before.is_some_and(|before| before.is(sign));
        let mark = match token.text {
            "@" => Marks::VARIABLE,
            "=" if before(":") => Marks::ASSIGNS,
            "*" if !before("(") => Marks::STAR,
            _ => Marks::NONE,
        };
        self.mark(mark);
        if token.is("&") {
            self.after_unicode = self.before.and_then(Token::name).is_some_and(|name| is_one_of(name, &["u"]));
        }
        match token.text {
            "(" => {}
            // `SET @x`, and a name with a schema.
            "@" | "." if self.words > 0 => {}
            _ => {
                self.begins_oddly |= self.words == 0;
                self.words = self.words.max(self.head.len());
            }
        }
    }

    /// Follows the arguments of `set_config`. The last one decides whether the setting ends with the transaction; a
    /// list in which another list begins is not followed.
    fn call(&mut self, token: Token<'a>) {
        self.set_config = match (self.set_config, token.text) {
            (Call::Named, "(") => Call::Arguments(false),
            (Call::Named, _) | (Call::Arguments(false), ")") | (Call::Arguments(_), "(") => {
                self.mark(Marks::SET_CONFIG);
                Call::None
            }
            (Call::Arguments(true), ")") => Call::None,
            (Call::Arguments(_), text) => {
                let after_comma = self.before.is_some_and(|before| before.is(","));
                Call::Arguments(after_comma && token.kind == Kind::Word && text.eq_ignore_ascii_case("true"))
            }
            (Call::None, _) => Call::None,
        };
        if token.name().is_some_and(|name| contains(name, "set_config")) {
            self.set_config = Call::Named;
        }
    }

    fn mark(&mut self, marks: Marks) {
        self.marks = self.marks.with(marks);
    }

    /// Its effect and its residue, once all of it was read; `first` is true for the first statement of a text.
    pub(super) fn end(&mut self, syntax: &Syntax, first: bool) -> (Effect, Residue) {
        if self.is_empty {
            return (Effect::None, Residue::None);
        }
        if self.set_config != Call::None {
            self.mark(Marks::SET_CONFIG);
        }
        (self.effect(syntax, first), (syntax.residue)(self))
    }

    fn effect(&self, syntax: &Syntax, first: bool) -> Effect {
        let uses_savepoints = self.begins_with(&["savepoint", "release", "rollback"]);
        if uses_savepoints && self.marks.has(Marks::GUARD) || first && is_control(self.head) {
            Effect::Control
        } else if self.begins_oddly || is_control(self.head) || !self.is_understood(syntax) {
            Effect::Unknown
        } else if self.begins_with(&["savepoint"]) {
            Effect::Savepoint
        } else {
            Effect::None
        }
    }

    /// Whether it is known to leave the transaction as it is.
    pub(in crate::sql) fn is_understood(&self, syntax: &Syntax) -> bool {
        // `SET` can also commit, change users or run another statement on MySQL.
        let sets_only = || {
            !is_one_of(self.head[1], &["default", "statement", "resource", "role"]) && !self.marks.has(Marks::SET_RUNS)
        };
        self.begins_with(syntax.harmless) && (!syntax.set_runs || !self.begins_with(&["set"]) || sets_only())
    }
}

fn is_control([first, second, third]: [&str; 3]) -> bool {
    let is = str::eq_ignore_ascii_case;
    is_one_of(first, &["begin", "commit", "end", "abort", "xa"])
        || is(first, "start") && is(second, "transaction")
        || is(first, "prepare") && is(second, "transaction")
        || is(first, "rollback") && !is(second, "to") && !is(third, "to")
        || is(first, "set") && (is(second, "autocommit") || is(third, "autocommit"))
}

pub(in crate::sql) fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|one| one.eq_ignore_ascii_case(word))
}
