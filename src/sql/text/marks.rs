//! Words of a statement that matter to its transaction or its session.

/// A set of such words, found in one statement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::sql) struct Marks(u32);

impl Marks {
    pub(in crate::sql) const NONE: Self = Self(0);
    /// A lock of the session, such as `pg_advisory_lock` or `GET_LOCK`.
    pub(in crate::sql) const LOCK: Self = Self(1);
    /// `set_config`, unless its last argument is `true`.
    pub(in crate::sql) const SET_CONFIG: Self = Self(1 << 1);
    pub(in crate::sql) const PG_SETTINGS: Self = Self(1 << 2);
    pub(in crate::sql) const UPDATE: Self = Self(1 << 3);
    /// A name in escapes, `U&"…"`, which may be any.
    pub(in crate::sql) const ESCAPED_NAME: Self = Self(1 << 4);
    pub(in crate::sql) const HOLD: Self = Self(1 << 5);
    /// `TEMP`, `TEMPORARY`, or a name such as `pg_temp`.
    pub(in crate::sql) const TEMPORARY: Self = Self(1 << 6);
    pub(in crate::sql) const PG_TEMP: Self = Self(1 << 7);
    /// `INTO` with `TEMP` or `TEMPORARY` as one of the two words after it.
    pub(in crate::sql) const INTO_TEMPORARY: Self = Self(1 << 8);
    pub(in crate::sql) const INTO: Self = Self(1 << 9);
    pub(in crate::sql) const EXECUTE: Self = Self(1 << 10);
    /// `PREPARE`, `DEALLOCATE`, `DISCARD` or `LOAD`.
    pub(in crate::sql) const PREPARE: Self = Self(1 << 11);
    /// `:=`
    pub(in crate::sql) const ASSIGNS: Self = Self(1 << 12);
    /// `@`, which begins a variable of the session.
    pub(in crate::sql) const VARIABLE: Self = Self(1 << 13);
    pub(in crate::sql) const PRAGMA: Self = Self(1 << 14);
    pub(in crate::sql) const LOAD_EXTENSION: Self = Self(1 << 15);
    /// `AUTOCOMMIT`, `PASSWORD` or `ROLE`.
    pub(in crate::sql) const SET_RUNS: Self = Self(1 << 16);
    /// A savepoint that the guard or sqlx has set.
    pub(in crate::sql) const GUARD: Self = Self(1 << 17);
    /// A setting that allows writes: `query_only`, `read_only`, `READ WRITE`.
    pub(in crate::sql) const ALLOWS_WRITES: Self = Self(1 << 18);
    pub(in crate::sql) const RETURNING: Self = Self(1 << 19);
    /// A `*` that is not the only argument of a function.
    pub(in crate::sql) const STAR: Self = Self(1 << 20);

    pub(in crate::sql) const fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    pub(in crate::sql) const fn with(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    pub(in crate::sql) const fn without(self, less: Self) -> Self {
        Self(self.0 & !less.0)
    }

    /// The marks of one word.
    pub(super) fn of_word(word: &str) -> Self {
        if memchr::memchr(b'_', word.as_bytes()).is_some() {
            return Self::of_long(word);
        }
        let keywords = match word.as_bytes().first().map(u8::to_ascii_lowercase) {
            Some(b'a') => [("autocommit", Self::SET_RUNS)].as_slice(),
            Some(b'd') => &[("deallocate", Self::PREPARE), ("discard", Self::PREPARE)],
            Some(b'e') => &[("execute", Self::EXECUTE)],
            Some(b'h') => &[("hold", Self::HOLD)],
            Some(b'i') => &[("into", Self::INTO)],
            Some(b'l') => &[("load", Self::PREPARE)],
            Some(b'p') => &[("pragma", Self::PRAGMA), ("prepare", Self::PREPARE), ("password", Self::SET_RUNS)],
            Some(b'r') => &[("returning", Self::RETURNING), ("role", Self::SET_RUNS)],
            Some(b't') => &[("temp", Self::TEMPORARY), ("temporary", Self::TEMPORARY)],
            Some(b'u') => &[("update", Self::UPDATE)],
            _ => &[],
        };
        keywords.iter().find(|(keyword, _)| keyword.eq_ignore_ascii_case(word)).map_or(Self::NONE, |(_, mark)| *mark)
    }

    /// The marks of a name of several words.
    fn of_long(word: &str) -> Self {
        const PARTS: [(&str, Marks); 10] = [
            ("advisory_lock", Marks::LOCK),
            ("get_lock", Marks::LOCK),
            ("set_config", Marks::SET_CONFIG),
            ("pg_settings", Marks::PG_SETTINGS),
            ("pg_temp", Marks::PG_TEMP.with(Marks::TEMPORARY)),
            ("load_extension", Marks::LOAD_EXTENSION),
            ("buttress_", Marks::GUARD),
            ("_sqlx_savepoint", Marks::GUARD),
            ("query_only", Marks::ALLOWS_WRITES),
            ("read_only", Marks::ALLOWS_WRITES),
        ];
        let held = |(part, mark): &(&str, Self)| if contains(word, part) { *mark } else { Self::NONE };
        PARTS.iter().map(held).fold(Self::NONE, Self::with)
    }

    /// The marks of a text that may hold statements, as far as its words show them.
    pub(super) fn of_text(text: &str) -> Self {
        let mut marks = Self::NONE;
        let mut before = "";
        for word in text.split(|char: char| char.is_ascii() && !super::lex::in_name(char as u8)) {
            if word.is_empty() {
                continue;
            }
            marks = marks.with(Self::of_word(word));
            if allows_writes(before, word) {
                marks = marks.with(Self::ALLOWS_WRITES);
            }
            before = word;
        }
        marks
    }

    /// The marks of a text of which it is not certain what is quoted.
    pub(super) fn of_anything(text: &str) -> Self {
        let signs = [(":=", Self::ASSIGNS), ("@", Self::VARIABLE), ("u&\"", Self::ESCAPED_NAME)];
        let signs = signs.iter().filter(|(sign, _)| contains(text, sign)).map(|(_, mark)| *mark);
        let marks = signs.fold(Self::of_text(text), Self::with);
        if marks.has(Self::INTO) && marks.has(Self::TEMPORARY) { marks.with(Self::INTO_TEMPORARY) } else { marks }
    }
}

/// Whether a word holds a part, in any case.
pub(super) fn contains(word: &str, part: &str) -> bool {
    word.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// Whether these words, one after the other, allow writes.
pub(super) fn allows_writes(before: &str, word: &str) -> bool {
    before.eq_ignore_ascii_case("read") && word.eq_ignore_ascii_case("write")
}
