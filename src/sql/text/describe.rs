//! The parts of a statement that may be shown: its text without values, and its summary.

use std::hash::{DefaultHasher, Hasher};

use super::lex::{Kind, Token};
use super::summary::{Summariser, Summary};
use super::syntax::{DoubleQuotes, Syntax};

/// The longest text of a statement that is shown, in bytes.
const LONGEST: usize = 4_096;

/// A statement without its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sql) struct Description {
    /// Statements that differ in their values alone have one. One that cannot be read is told from others by its text.
    pub(in crate::sql) fingerprint: u64,
    /// Empty, if the text cannot be read.
    pub(in crate::sql) summary: Summary,
    /// The text with `?` in place of each value; blanks and comments are one space. `None` if it cannot be read.
    pub(in crate::sql) text: Option<String>,
}

/// Describes the tokens that it is given.
#[derive(Debug)]
pub(super) struct Describer<'a> {
    syntax: &'static Syntax,
    hasher: DefaultHasher,
    text: String,
    summary: Summariser,
    /// The two tokens before the last one.
    before: [Option<Token<'a>>; 2],
    /// The token that the next one is waited for.
    last: Option<Token<'a>>,
    after_blank: bool,
    /// How many values had a number, where they are numbered.
    numbered: Option<u32>,
}

impl<'a> Describer<'a> {
    /// `is_source` says that the text is one of [`sql`](crate::sql::sql), in which a `?` stands for each value.
    pub(super) fn new(syntax: &'static Syntax, is_source: bool) -> Self {
        Self {
            syntax,
            hasher: DefaultHasher::new(),
            text: String::new(),
            summary: Summariser::default(),
            before: [None; 2],
            last: None,
            after_blank: false,
            numbered: (is_source && syntax.numbered).then_some(0),
        }
    }

    pub(super) fn token(&mut self, token: Token<'a>) {
        if token.is_blank() {
            self.after_blank = true;
            return;
        }
        let after_blank = std::mem::take(&mut self.after_blank);
        if let Some(last) = self.last.replace(token) {
            self.step(last, Some(token), after_blank);
            if after_blank {
                self.piece(" ");
            }
        }
    }

    /// The description. Nothing is shown of a text that is not clear: a part of a literal may have been taken for a word.
    pub(super) fn finish(mut self, is_clear: bool, sql: &str) -> Description {
        if let Some(last) = self.last.take() {
            self.step(last, None, false);
        }
        if !is_clear {
            let mut hasher = DefaultHasher::new();
            hasher.write(sql.as_bytes());
            return Description { fingerprint: hasher.finish(), summary: Summary::default(), text: None };
        }
        let Self { hasher, text, summary, .. } = self;
        Description { fingerprint: hasher.finish(), summary: summary.finish(), text: Some(text) }
    }

    fn piece(&mut self, piece: &str) {
        self.hasher.write(piece.as_bytes());
        if self.text.len() + piece.len() <= LONGEST {
            self.text.push_str(piece);
        }
    }

    fn step(&mut self, token: Token<'a>, next: Option<Token<'a>>, before_blank: bool) {
        let before_dot = !before_blank && next.is_some_and(|next| next.is("."));
        let is_value = match token.kind {
            Kind::Literal | Kind::Number => true,
            Kind::Name if may_be_text(token, self.syntax) => !(before_dot || names_table(self.before)),
            _ => false,
        };
        match &mut self.numbered {
            _ if is_value => self.piece("?"),
            Some(number) if token.kind == Kind::Parameter => {
                *number += 1;
                let parameter = format!("${number}");
                self.piece(&parameter);
            }
            Some(_) if token.is("??") => self.piece("?"),
            _ => self.piece(token.text),
        }
        self.summary.token(token, next);
        self.before = [self.before[1], Some(token)];
    }
}

/// Whether a name in quotes may be a text.
pub(super) fn may_be_text(token: Token<'_>, syntax: &Syntax) -> bool {
    token.kind == Kind::Name && token.text.starts_with('"') && syntax.double_quotes == DoubleQuotes::Either
}

/// Whether the token after these two is certainly the name of a table or of a part of one.
fn names_table([earlier, last]: [Option<Token<'_>>; 2]) -> bool {
    let is = |token: Option<Token<'_>>, words: &[&str]| {
        let word = token.filter(|token| token.kind == Kind::Word);
        word.is_some_and(|token| words.iter().any(|word| word.eq_ignore_ascii_case(token.text)))
    };
    // `IS DISTINCT FROM` and `VACUUM INTO` are followed by any expression.
    last.is_some_and(|last| last.is("."))
        || is(last, &["INDEX", "JOIN", "TABLE", "UPDATE"])
        || is(last, &["FROM"]) && !is(earlier, &["DISTINCT"])
        || is(last, &["INTO"]) && is(earlier, &["INSERT", "REPLACE", "ABORT", "FAIL", "IGNORE", "ROLLBACK"])
}
