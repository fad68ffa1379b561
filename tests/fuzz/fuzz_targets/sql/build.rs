//! Builds texts whose contents are known.

use buttress::sql::fuzzing::Database;

/// Occurs in values and comments only.
pub const SECRET: &str = "hushhush";

const NOISE: [&str; 24] = [
    "'", "\"", "`", "[", "]", "/*", "*/", "--", "#", "\\", "$", "$$", "$a$", "?", ";", ":", "@", "\n", "\r", " ",
    "COMMIT", "e", "/", "ü",
];

pub struct Builder<'a> {
    database: Database,
    bytes: std::slice::Iter<'a, u8>,
    pub sql: String,
    pub placeholders: usize,
    /// Whether there is a placeholder that has to be refused.
    pub is_foreign: bool,
    /// The positions where pieces begin.
    pub starts: Vec<usize>,
}

impl<'a> Builder<'a> {
    pub fn new(database: Database, bytes: &'a [u8]) -> Self {
        Self { database, bytes: bytes.iter(), sql: String::new(), placeholders: 0, is_foreign: false, starts: vec![] }
    }

    fn byte(&mut self) -> usize {
        self.bytes.next().map_or(0, |byte| usize::from(*byte))
    }

    pub fn flip(&mut self) -> bool {
        self.byte() % 2 == 1
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.byte() % of.len()]
    }

    fn noise(&mut self, without: &[&str]) -> String {
        let count = self.byte() % 5;
        let mut noise = String::new();
        for _ in 0..count {
            let next = self.one(&NOISE);
            noise.push_str(next);
            if without.iter().any(|without| noise.contains(without)) {
                noise.truncate(noise.len() - next.len());
            }
        }
        noise
    }

    /// Noise, the secret, and noise.
    fn inside(&mut self, without: &[&str]) -> String {
        let (before, after) = (self.noise(without), self.noise(without));
        format!("{before}{SECRET}{after}")
    }

    /// A statement that may be sent, with values and placeholders.
    pub fn pieces(&mut self) {
        self.sql.push_str("SELECT a");
        for _ in 0..self.byte() % 8 {
            let sign = self.one(&[",", " , ", "\n,\n", "+", "||", "\t= ", "(", ")", "/", " - "]);
            self.sql.push_str(sign);
            self.starts.push(self.sql.len());
            self.piece();
        }
        // Keeps the next text from continuing the last piece.
        self.sql.push_str(" , 1 ");
    }

    fn piece(&mut self) {
        let kind = self.byte() % 12;
        let piece = match kind {
            0 => {
                self.placeholders += 1;
                "?".to_owned()
            }
            1 => self
                .one(&["a", "e", "E", "t.b", "x1", "b FROM", "DISTINCT FROM c", "1.5e3", "0x1F", "üü", "n"])
                .to_owned(),
            2 => self.string("'"),
            3 => format!("'{}' '{}'", self.escaped("'"), self.escaped("'")),
            4 => self.comment(),
            _ => match self.database {
                Database::Postgres => self.postgres(kind),
                Database::MySql => self.mysql(kind),
                Database::Sqlite => self.sqlite(kind),
            },
        };
        self.sql.push_str(&piece);
    }

    /// Text for the inside of quotes, with the quotes doubled.
    fn escaped(&mut self, quote: &str) -> String {
        let mut inside = self.inside(&[]).replace(quote, &quote.repeat(2));
        if self.database == Database::MySql {
            inside = inside.replace('\\', "\\\\");
            if self.flip() {
                inside.push_str(&format!("\\{quote}{SECRET}"));
            }
        }
        inside
    }

    fn string(&mut self, quote: &str) -> String {
        format!("{quote}{}{quote}", self.escaped(quote))
    }

    fn name(&mut self, quote: &str) -> String {
        format!("{quote}{}{quote}", self.noise(&[quote]))
    }

    /// White space or a comment, between two words.
    fn comment(&mut self) -> String {
        match self.byte() % 5 {
            0 => {
                format!("--{} {}\n", self.one(&["", " ", "\t"]), self.inside(&["\n", "\r"]))
            }
            1 if self.database == Database::Postgres => format!("-- {}\r", self.inside(&["\n", "\r"])),
            1 if self.database == Database::MySql => format!("#{}\n", self.inside(&["\n"])),
            2 if self.database == Database::Postgres => {
                let around = ["/*", "*/"];
                let [before, inner, after] = [(); 3].map(|()| self.plain_inside());
                let slash = self.one(&["", "/"]);
                format!("{}{before}{}{slash}{inner}{}{after}{}", around[0], around[0], around[1], around[1])
            }
            3 => self.one(&[" ", "\n", "\r\n", "\t", "/**/"]).to_owned(),
            _ => {
                let inside = match self.database {
                    Database::Postgres => self.plain_inside(),
                    _ => self.inside(&["*/"]),
                };
                format!("/* {inside} */")
            }
        }
    }

    /// Text that neither begins nor ends a comment, for comments that nest.
    fn plain_inside(&mut self) -> String {
        format!(" {} ", self.inside(&["/*", "*/"]))
    }

    fn postgres(&mut self, kind: usize) -> String {
        match kind {
            5 => {
                let inside = self.escaped("'").replace('\\', "\\\\");
                format!("{}'{inside}\\'{SECRET}'", self.one(&["E", "e"]))
            }
            6 => {
                let (before, after) = (self.escaped("'").replace('\\', "\\\\"), self.noise(&["'", "\\"]));
                format!("E'{before}'{}'\\'{after}{SECRET}'", self.one(&["\n", " \n ", " -- it's\n", "\r", "\n--\n"]))
            }
            7 => {
                let tag = self.one(&["$$", "$q$", "$ü1$"]);
                format!("{tag}{}{tag}", self.inside(&["$"]))
            }
            8 => format!("$q${} $$ {}$q$", self.inside(&["$"]), self.inside(&["$"])),
            9 => format!("{}{}", self.one(&["U&", "B", "n", "a.e"]), self.string("'").replace('\\', "")),
            10 => self.name("\""),
            _ => self.one(&["a$b$", "a[1:n]", "1::int", "a <@ b", "`a", "x # 5", "a$$"]).to_owned(),
        }
    }

    fn mysql(&mut self, kind: usize) -> String {
        match kind {
            5 | 6 => self.string("\""),
            7 => format!("{}{}", self.one(&["X", "_utf8mb4", "N", "5--", "@a := "]), self.string("'")),
            8 | 9 => self.name("`"),
            10 => format!("1--{}", self.string("'")),
            _ => self.one(&["@a", "@@global.b", "$$ a $$", "a$$"]).to_owned(),
        }
    }

    fn sqlite(&mut self, kind: usize) -> String {
        match kind {
            5 => self.name("`"),
            6 | 7 => format!("[{}]", self.noise(&["]"])),
            8 => format!("a IS {}DISTINCT{}FROM {}", self.one(&["", "NOT "]), self.space(), self.string("\"")),
            9 => {
                self.is_foreign = true;
                let sign = self.one(&["$a", ":a", "@a", "#a", "$a::b"]);
                let inside = self.noise(&[")", "\n", "\r", " "]);
                format!("{sign}({inside})")
            }
            10 => {
                self.is_foreign = true;
                self.one(&["$a", ":a", "@a", "#a", "?1"]).to_owned()
            }
            _ => format!("1--{}\n", self.inside(&["\n"])),
        }
    }

    fn space(&mut self) -> String {
        let comment = self.comment();
        if comment.starts_with(|char: char| char.is_whitespace() || "-/#".contains(char)) {
            format!(" {comment}")
        } else {
            " ".to_owned()
        }
    }

    /// An unterminated piece, or nothing.
    pub fn open(&mut self) -> bool {
        let inside = self.inside(&["'", "\"", "`", "]", "*/", "$", "\\"]);
        let open = match (self.byte() % 8, self.database) {
            (0, _) => "'",
            (1, _) => "/*",
            (2, _) => "\"",
            (3, Database::Postgres) => "$q$",
            (3, Database::MySql) => "`",
            (3, Database::Sqlite) => "[",
            _ => return false,
        };
        self.sql.push_str(&format!(" {open} {inside}"));
        true
    }

    /// A statement that begins or ends a transaction, with any white space and comments.
    pub fn control(&mut self) {
        let words: &[&str] = match self.byte() % 5 {
            0 => &["COMMIT"],
            1 => &["ROLLBACK"],
            2 => &["BEGIN"],
            3 if self.database != Database::Sqlite => &["START", "TRANSACTION"],
            _ => &["COMMIT", "WORK"],
        };
        self.words(words);
    }

    /// A statement that changes the session.
    pub fn setting(&mut self) {
        let words: &[&[&str]] = match self.database {
            Database::Postgres => &[
                &["SET", "a = 1"],
                &["LISTEN", "a"],
                &["PREPARE", "a AS SELECT 1"],
                &["CREATE", "TEMP", "TABLE a (b INT)"],
            ],
            Database::MySql => &[&["SET", "@a = 1"], &["PREPARE", "a FROM @b"], &["LOCK", "TABLES a READ"]],
            Database::Sqlite => &[&["PRAGMA", "foreign_keys = 1"], &["ATTACH", "'a' AS b"]],
        };
        let words = words[self.byte() % words.len()];
        self.words(words);
    }

    fn words(&mut self, words: &[&str]) {
        for word in words {
            let space = self.space();
            let word = if self.flip() { word.to_lowercase() } else { (*word).to_owned() };
            self.sql.push_str(&format!("{space}{word}"));
        }
        let space = self.space();
        self.sql.push_str(&space);
    }
}
