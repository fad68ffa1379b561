//! Properties of the texts of statements.

mod build;

use buttress::sql::fuzzing::{Database, message, read};

use self::build::{Builder, SECRET};

pub const DATABASES: [Database; 3] = [Database::Postgres, Database::MySql, Database::Sqlite];

/// Any text, as a statement and as a message.
pub fn any_text(database: Database, text: &str) {
    let reading = read(database, text);
    let _ = message(text, &reading.words, database == Database::Sqlite);
}

/// No value is ever shown, and each placeholder is counted.
pub fn values_are_found(database: Database, bytes: &[u8]) {
    let mut built = Builder::new(database, bytes);
    built.pieces();
    let is_open = built.open();
    let sql = &built.sql;
    let reading = read(database, sql);
    let seen = [reading.shown.as_deref().unwrap_or_default(), &reading.summary, &reading.words.join(" ")].join("\n");
    assert!(!seen.contains(SECRET), "{database:?}: {sql:?} shows {seen:?}");
    let expected = (!is_open && !built.is_foreign).then_some(built.placeholders);
    assert_eq!(reading.placeholders, expected, "{database:?}: {sql:?}");
    if !built.is_foreign {
        assert_eq!(reading.shown.is_none(), is_open, "{database:?}: {sql:?}");
    }
    assert!(!reading.is_blank, "{database:?}: {sql:?}");
    if database == Database::MySql {
        for at in &built.starts {
            let said = format!("You have an error in your SQL syntax near '{}' at line 1", &sql[*at..]);
            let seen = message(&said, &reading.words, false);
            assert!(!seen.iter().any(|seen| seen.contains(SECRET)), "{said:?}: {seen:?}");
        }
    }
}

/// A statement that begins or ends a transaction never counts as harmless, and a statement that changes the session is
/// always recognised.
pub fn control_is_found(database: Database, bytes: &[u8]) {
    let mut built = Builder::new(database, bytes);
    let is_control = built.flip();
    if built.flip() {
        built.pieces();
        built.sql.push(';');
    }
    if is_control {
        built.control()
    } else {
        built.setting()
    }
    if built.flip() {
        built.sql.push(';');
        built.pieces();
        built.open();
    }
    let reading = read(database, &built.sql);
    let is_noticed = if is_control { !reading.is_harmless } else { !reading.leaves_nothing };
    assert!(is_noticed, "{database:?}: {:?}", built.sql);
}
