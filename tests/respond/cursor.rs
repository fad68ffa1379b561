use std::collections::BTreeMap;

use buttress::Timestamp;
use buttress::handler::IntoResponse;
use buttress::page::{Cursor, CursorKeys};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

const OLD: &str = "2026-05:m8hM7RZrCiPqsNj1XvKQGtbHdyoAulwE";
const NEW: &str = "2026-11:3JqQF0cVw1tkmF2bOQpIdr7ySxnHNzKe";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Key {
    total: i64,
    at: Timestamp,
    name: String,
    id: [u8; 16],
}

fn keys(setting: &str) -> CursorKeys {
    setting.parse().unwrap()
}

fn cursor<K>(keys: &CursorKeys) -> Cursor<K> {
    keys.cursor("orders", &("-total", Some("placed"))).unwrap()
}

fn key() -> impl Strategy<Value = Key> {
    let at = (-62_167_219_200_000_i64..=253_402_300_799_999).prop_map(|n| Timestamp::from_unix_millis(n).unwrap());
    (any::<i64>(), at, ".{0,80}", any::<[u8; 16]>()).prop_map(|(total, at, name, id)| Key { total, at, name, id })
}

proptest! {
    #[test]
    fn a_position_survives_in_safe_characters(key in key()) {
        let cursor = cursor(&keys(NEW));
        let text = cursor.encode(&key).unwrap();
        prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        prop_assert_eq!(cursor.decode(&text), Ok(key));
    }

    #[test]
    fn every_change_is_refused(key in key(), place: prop::sample::Index, other: char) {
        let cursor = cursor::<Key>(&keys(NEW));
        let text = cursor.encode(&key).unwrap();
        let mut changed: Vec<char> = text.chars().collect();
        let place = place.index(changed.len());
        changed[place] = other;
        let changed: String = changed.into_iter().collect();
        prop_assert_eq!(cursor.decode(&changed).is_ok(), changed == text);
    }

    #[test]
    fn anything_else_is_refused_without_a_panic(text in "\\PC{0,200}", safe in "[A-Za-z0-9_-]{0,3000}") {
        let cursor = cursor::<serde_json::Value>(&keys(NEW));
        prop_assert!(cursor.decode(&text).is_err());
        prop_assert!(cursor.decode(&safe).is_err());
    }
}

/// All bits of all characters, including those that base64 does not need.
#[test]
fn every_character_counts() {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/.~ %";
    for last in ["a", "ab", "abc"] {
        let cursor = cursor::<String>(&keys(NEW));
        let text = cursor.encode(&last.to_owned()).unwrap();
        for place in 0..text.len() {
            for other in ALPHABET.chars().filter(|c| *c != char::from(text.as_bytes()[place])) {
                let mut changed = text.clone();
                changed.replace_range(place..=place, &other.to_string());
                assert!(cursor.decode(&changed).is_err(), "{place} {other}");
            }
            assert!(cursor.decode(&text[..place]).is_err());
        }
        assert!(cursor.decode(&format!("{text}A")).is_err() && cursor.decode(&format!("{text}=")).is_err());
    }
}

#[test]
fn a_cursor_belongs_to_one_list_sort_and_filter() {
    let keys = keys(NEW);
    let text = cursor::<u64>(&keys).encode(&7).unwrap();
    let refuses = |cursor: Cursor<u64>| cursor.decode(&text).is_err();
    assert!(!refuses(cursor(&keys)));
    assert!(refuses(keys.cursor("products", &("-total", Some("placed"))).unwrap()));
    assert!(refuses(keys.cursor("orders", &("total", Some("placed"))).unwrap()));
    assert!(refuses(keys.cursor("orders", &("-total", Some("cancelled"))).unwrap()));
    assert!(refuses(keys.cursor("orders", &("-total", None::<&str>)).unwrap()));
    // The name of a list and a scope cannot be combined into the same bytes as another pair.
    let (a, b) = (keys.cursor::<u64>("orders1", &2).unwrap(), keys.cursor::<u64>("orders", &12).unwrap());
    assert!(b.decode(&a.encode(&7).unwrap()).is_err());
}

#[test]
fn a_position_of_another_type_is_refused() {
    let keys = keys(NEW);
    let text = cursor::<String>(&keys).encode(&"x".into()).unwrap();
    assert!(cursor::<u64>(&keys).decode(&text).is_err());
}

#[test]
fn keys_rotate() {
    let before = cursor::<u64>(&keys(OLD)).encode(&7).unwrap();
    let both = cursor::<u64>(&keys(&format!("{NEW}, {OLD}")));
    assert_eq!(both.decode(&before), Ok(7));
    let after = both.encode(&8).unwrap();
    assert_eq!(cursor::<u64>(&keys(NEW)).decode(&after), Ok(8));
    assert!(cursor::<u64>(&keys(OLD)).decode(&after).is_err() && cursor::<u64>(&keys(NEW)).decode(&before).is_err());
}

#[test]
fn the_same_id_with_another_key_verifies_nothing() {
    let text = cursor::<u64>(&keys(OLD)).encode(&7).unwrap();
    assert!(cursor::<u64>(&keys("2026-05:3JqQF0cVw1tkmF2bOQpIdr7ySxnHNzKe")).decode(&text).is_err());
}

#[test]
fn a_refusal_is_a_violation_of_the_parameter_and_always_the_same() {
    let keys = keys(NEW);
    let (mine, other) = (cursor::<u64>(&keys), keys.cursor::<u64>("other", &()).unwrap());
    let foreign = other.encode(&7).unwrap();
    let wrong_type = keys.cursor::<String>("orders", &("-total", Some("placed"))).unwrap().encode(&"x".into()).unwrap();
    let all = ["", "A", "hunter2", "!!", &foreign, &foreign[..20], &wrong_type, &"A".repeat(100_000)];
    let violations = all.map(|text| mine.decode(text).unwrap_err());
    assert!(violations.iter().all(|violation| *violation == violations[0]));
    let answer = crate::Answer::of(violations[0]);
    assert_eq!(answer.status(), 422);
    assert!(answer.body.contains(r#""parameter":"cursor","code":"cursor""#), "{}", answer.body);
}

#[test]
fn what_cannot_be_a_cursor_is_a_server_error() {
    let keys = keys(NEW);
    let error = cursor::<String>(&keys).encode(&"x".repeat(5_000)).unwrap_err();
    assert_eq!(error.into_response().status(), 500);
    let map = BTreeMap::from([((1, 2), 3)]);
    assert_eq!(cursor::<BTreeMap<(u8, u8), u8>>(&keys).encode(&map).unwrap_err().into_response().status(), 500);
    assert_eq!(keys.cursor::<u64>("orders", &map).unwrap_err().into_response().status(), 500);
}

#[test]
fn the_longest_cursor_is_read_again() {
    let cursor = cursor::<String>(&keys(NEW));
    let longest = (1..2_048).rev().find_map(|n| cursor.encode(&"x".repeat(n)).ok()).unwrap();
    assert!(longest.len() <= 2_048 && longest.len() > 2_000);
    assert!(cursor.decode(&longest).is_ok());
}

#[test]
fn random_keys_differ() {
    let (a, b) = (CursorKeys::random().unwrap(), CursorKeys::random().unwrap());
    let text = cursor::<u64>(&a).encode(&7).unwrap();
    assert_eq!(cursor::<u64>(&a).decode(&text), Ok(7));
    assert!(cursor::<u64>(&b).decode(&text).is_err());
}

#[test]
fn a_key_that_can_be_guessed_is_taken_and_called_weak() {
    let weak = |setting: &str| setting.parse::<CursorKeys>().unwrap().is_weak();
    let strong = "s".repeat(CursorKeys::STRONG_KEY_LEN);
    assert!(!weak(&format!("a:{strong}")));
    assert!(weak(&format!("a:{}", &strong[1..])));
    assert!(weak(&format!("a:{strong},b:{}", "w".repeat(CursorKeys::MIN_KEY_LEN))));
    assert!(!CursorKeys::random().unwrap().is_weak());
}

#[test]
fn wrong_keys_are_named_by_their_place_and_not_shown() {
    let secret = "hunter2-hunter2-hunter2-hunter2-hunter2";
    let many: Vec<_> = (0..17).map(|i| format!("k{i}:{secret}")).collect();
    for (setting, why) in [
        (String::new(), "cursor key 1 is not written id:key"),
        (secret.to_owned(), "cursor key 1 is not written id:key"),
        ("a:hunter2".to_owned(), "cursor key 1 needs 8 to 256 characters"),
        (format!("a:{secret},b:hunter2"), "cursor key 2 needs 8 to 256 characters"),
        (format!("a:{}", secret.repeat(9)), "cursor key 1 needs 8 to 256 characters"),
        (format!(":{secret}"), "cursor key 1 needs an id of 1 to 32 letters, digits, - and _"),
        (format!("{secret}:a"), "cursor key 1 needs an id of 1 to 32 letters, digits, - and _"),
        (format!("a:{secret} x"), "cursor key 1 has a character that is not visible ASCII"),
        (format!("a:{secret},"), "cursor key 2 is not written id:key"),
        (format!("a:{secret},a:{secret}2"), "cursor key 2 has the id of another"),
        (many.join(","), "cursor key 17 is one too many: 16 can be held"),
    ] {
        let error = setting.parse::<CursorKeys>().unwrap_err();
        assert_eq!(error.to_string(), why);
        assert!(!format!("{error:?}").contains("hunter2"));
    }
    let keys: CursorKeys = format!("a:{secret}").parse().unwrap();
    assert!(!format!("{keys:?} {:?}", cursor::<u64>(&keys)).contains("hunter2"));
}
