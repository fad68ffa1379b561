//! Readings of the texts that a program is compiled with, so that each text is read once.

use std::sync::OnceLock;

use super::System;

/// How many texts are kept. A program's further texts are read each time.
const MOST: usize = 1_024;

/// How many places are tried for a text.
const TRIES: usize = 8;

/// A longer text, in bytes of all its parts, is not kept.
const LONGEST: usize = 16_384;

/// A table of texts, each in one or more parts, and what was read of them. Nothing is ever taken out, so what it holds is
/// lent for ever. It takes texts of the program only: there are finitely many, and they hold nothing that a client has
/// sent.
pub(in crate::sql) struct Kept<T>([OnceLock<Box<Entry<T>>>; MOST]);

struct Entry<T> {
    hash: u64,
    system: System,
    parts: Box<[Box<str>]>,
    value: T,
}

impl<T: 'static> Kept<T> {
    pub(in crate::sql) const fn new() -> Self {
        Self([const { OnceLock::new() }; MOST])
    }

    /// The reading of a text of this database. Without one, the text is read now, and the reading is kept if it `is_fixed`, a text of
    /// the program, and if there is room; `read` is told whether that is so.
    pub(in crate::sql) fn get<'t>(
        &'static self,
        system: System,
        parts: &(impl Iterator<Item = &'t str> + Clone),
        is_fixed: impl FnOnce() -> bool,
        read: impl Fn(bool) -> T,
    ) -> Result<&'static T, T> {
        let hash = hash(system, parts.clone());
        let is_it = |entry: &&Entry<T>| {
            let same = || entry.parts.iter().map(|part| &**part).eq(parts.clone());
            entry.hash == hash && entry.system == system && same()
        };
        let is_short = || parts.clone().map(str::len).sum::<usize>() <= LONGEST;
        let first = usize::try_from(hash >> 40).unwrap_or_default();
        let places = (0..TRIES).filter_map(|next| self.0.get((first + next) % MOST));
        for place in places.clone() {
            match place.get().map(|entry| &**entry) {
                Some(entry) if is_it(&entry) => return Ok(&entry.value),
                Some(_) => {}
                None if is_short() && is_fixed() => break,
                None => return Err(read(false)),
            }
        }
        for place in places.filter(|_| is_short()) {
            let entry = || Entry { hash, system, parts: parts.clone().map(Box::from).collect(), value: read(true) };
            let entry = place.get_or_init(|| Box::new(entry()));
            if is_it(&&**entry) {
                return Ok(&entry.value);
            }
        }
        Err(read(false))
    }
}

/// Any hash that spreads texts over the table: they come from the program, and not from an attacker who looks for
/// collisions.
fn hash<'t>(system: System, parts: impl Iterator<Item = &'t str>) -> u64 {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed =
        |hash: u64, bytes: &[u8; 8]| (hash.rotate_left(5) ^ u64::from_le_bytes(*bytes)).wrapping_mul(MULTIPLIER);
    parts.fold(system as u64, |hash, part| {
        let (chunks, rest) = part.as_bytes().as_chunks::<8>();
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        let begin = hash.rotate_left(2) ^ (part.len() as u64) << 2;
        chunks.iter().chain([&last]).fold(begin, mixed)
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::iter;

    use super::*;

    #[test]
    fn a_text_of_the_program_is_read_once_for_each_database() {
        static KEPT: Kept<String> = Kept::new();
        let reads = Cell::new(0);
        let get = |system, text: &str, is_fixed: bool| {
            let read = |_| {
                reads.set(reads.get() + 1);
                format!("{system:?} {text}")
            };
            KEPT.get(system, &iter::once(text), || is_fixed, read).map_or_else(|own| own, Clone::clone)
        };
        for _ in 0..3 {
            assert_eq!(get(System::Postgres, "SELECT 1", true), "Postgres SELECT 1");
            assert_eq!(get(System::Sqlite, "SELECT 1", true), "Sqlite SELECT 1");
        }
        assert_eq!(reads.get(), 2);
        assert_eq!(get(System::Sqlite, &String::from("SELECT 1"), false), "Sqlite SELECT 1");
        assert_eq!(reads.get(), 2, "the same characters are the same text");
        for _ in 0..2 {
            get(System::Sqlite, "SELECT 'made'", false);
        }
        assert_eq!(reads.get(), 4, "another text is not kept");
    }

    #[test]
    fn a_text_in_other_parts_is_another_one() {
        static KEPT: Kept<usize> = Kept::new();
        let get = |parts: &[&str]| *KEPT.get(System::Sqlite, &parts.iter().copied(), || true, |_| parts.len()).unwrap();
        for _ in 0..2 {
            assert_eq!((get(&["SELECT 1"]), get(&["SELECT", " 1"]), get(&["SELECT 1", ""])), (1, 2, 2));
        }
    }

    #[test]
    fn a_full_table_answers_all_the_same() {
        static KEPT: Kept<String> = Kept::new();
        for _ in 0..2 {
            for at in 0..3 * MOST {
                let text = format!("SELECT {at}");
                let read = KEPT.get(System::MySql, &iter::once(&*text), || true, |_| text.clone());
                assert_eq!(read.map_or_else(|own| own, Clone::clone), text);
            }
        }
        assert!(KEPT.0.iter().filter(|place| place.get().is_some()).count() > MOST / 2);
    }
}
