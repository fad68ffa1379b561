//! The readers of SQL: no text breaks them, and in a text that is built piece by piece they find every piece.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
mod sql;

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(([kind, database], rest)) = bytes.split_first_chunk() else { return };
    let database = sql::DATABASES[usize::from(*database) % 3];
    match kind % 3 {
        0 => sql::any_text(database, &String::from_utf8_lossy(rest)),
        1 => sql::values_are_found(database, rest),
        _ => sql::control_is_found(database, rest),
    }
});

/// The functions that it calls are private, except for cargo-fuzz.
#[cfg(not(fuzzing))]
fn main() {}
