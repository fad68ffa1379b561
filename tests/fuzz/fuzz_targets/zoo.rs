//! Types without rules, of every kind that serde reads, and texts that look like them: the extractors have to read the
//! same texts as serde, and no others.

use std::collections::BTreeMap;

use buttress::payload::{Payload, ValidationContext, read_json};
use serde::Deserialize;

macro_rules! zoo {
    ($($(#[$attr:meta])* $kind:ident $name:ident $body:tt)*) => {$(
        #[derive(Debug, Deserialize, buttress::Payload)]
        $(#[$attr])*
        #[allow(dead_code)]
        pub(super) $kind $name $body
    )*};
}

/// Any JSON.
#[derive(Debug, Deserialize, buttress::Payload)]
#[allow(dead_code)]
pub(super) struct Anything(serde_json::Value);

zoo! {
    struct Plain { a: u8, b: Option<f64>, #[serde(default, alias = "z")] c: String, wide: Option<u128> }
    #[serde(deny_unknown_fields)]
    struct Denied { a: u8, next: Option<Box<Recursive>> }
    struct Beside { wide: Option<u128>, a: Option<i128>, #[serde(flatten)] rest: BTreeMap<String, Untagged> }
    struct Flat { x: Option<u8>, #[serde(flatten)] part: Part, #[serde(flatten)] kind: Internal }
    struct Part { a: u8, #[serde(default)] c: String }
    struct FlatUntagged { x: Option<u8>, #[serde(flatten)] u: Untagged, next: Option<Box<FlatUntagged>> }
    struct FlatExternal { x: Option<u8>, #[serde(flatten)] e: External, #[serde(flatten)] rest: BTreeMap<String, Untagged> }
    struct FlatAdjacent { #[serde(flatten)] e: Adjacent, next: Option<Box<FlatAdjacent>> }
    #[serde(untagged)]
    enum Untagged {
        Number(u8),
        Float(f64),
        Text(String),
        Denied(Denied),
        Named { a: u8, next: Box<Untagged> },
        Other { b: bool, next: Option<Box<Recursive>> },
        List { list: Vec<Untagged> },
        Nothing,
    }
    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Internal { Unit, Named { a: Option<u8>, next: Option<Box<Internal>> }, Part(Part), List { list: Vec<External> } }
    #[serde(tag = "kind", content = "next", rename_all = "lowercase")]
    enum Adjacent { Unit, Named { a: u8, next: Option<Box<Adjacent>> }, Next(Box<Untagged>), List(Option<u8>) }
    #[serde(rename_all = "lowercase")]
    enum External {
        Unit,
        A(u8),
        Next(Box<External>),
        Kind { a: u8, next: Option<Box<Internal>> },
        #[serde(untagged)]
        Rest(Part),
    }
    struct Recursive {
        a: Option<Option<u8>>,
        u: Option<Untagged>,
        e: Option<External>,
        kind: Option<Internal>,
        adjacent: Option<Adjacent>,
        #[serde(default)]
        list: Vec<Recursive>,
        next: Option<Box<Recursive>>,
        #[serde(default)]
        map: BTreeMap<String, Option<Untagged>>,
    }
    struct Walked { #[serde(flatten)] rest: Recursive, #[serde(flatten)] more: BTreeMap<String, Anything> }
    struct Keys { #[payload(leaf)] map: BTreeMap<i8, Option<u8>>, #[payload(leaf)] list: Vec<char>, #[serde(flatten)] part: Part }
    struct Single { a: f32, b: Option<f32>, u: Option<Singles> }
    #[serde(untagged)]
    enum Singles { A(f32), B { a: f32 } }
}

/// Checks that both read a text, or both refuse it.
pub(super) fn agree<T: Payload>(json: &str) {
    let plain = serde_json::from_str::<T>(json);
    match (read_json::<T>(json.as_bytes(), ValidationContext::new()), plain) {
        (Ok(_), Err(error)) => panic!("{}: serde refuses, we do not: {json}: {error}", std::any::type_name::<T>()),
        (Err(problem), Ok(_)) => {
            panic!("{}: serde reads, we do not: {json}: {:?}", std::any::type_name::<T>(), problem.violations());
        }
        (Err(problem), Err(_)) => {
            // A text that nests too deep is refused as a whole, and serde stops at the same depth.
            let says_where = problem.status() == 400 || !problem.violations().is_empty();
            assert!(problem.status().is_client_error() && says_where, "{json}: {problem:?}");
        }
        (Ok(_), Ok(_)) => {}
    }
}

/// Checks every type.
pub(super) fn all_agree(json: &str) {
    agree::<Plain>(json);
    agree::<Denied>(json);
    agree::<Beside>(json);
    agree::<Flat>(json);
    agree::<FlatUntagged>(json);
    agree::<FlatExternal>(json);
    agree::<FlatAdjacent>(json);
    agree::<Untagged>(json);
    agree::<Internal>(json);
    agree::<Adjacent>(json);
    agree::<External>(json);
    agree::<Recursive>(json);
    agree::<Walked>(json);
    agree::<Keys>(json);
    agree::<Option<Option<Untagged>>>(json);
    agree::<BTreeMap<String, Option<Internal>>>(json);
    if !json.contains("e39") {
        // serde turns it into an infinity.
        agree::<Single>(json);
    }
}

const NAMES: [&str; 16] =
    ["a", "b", "c", "x", "z", "u", "e", "kind", "next", "list", "map", "rest", "adjacent", "wide", "unit", "7"];
const SCALARS: [&str; 16] = [
    "null",
    "true",
    "0",
    "7",
    "-1",
    "300",
    "1.5",
    "1e39",
    "-0",
    "18446744073709551616",
    "\"\"",
    "\"unit\"",
    "\"named\"",
    "\"part\"",
    "\"a\"",
    "\"list\"",
];

/// A text that is made of bytes. An array begins with an object, so that it does not match any of the structs: serde
/// accepts an array for a struct, and this crate does not. No name occurs twice, which serde accepts.
pub(super) fn text_of(bytes: &[u8]) -> String {
    let (mut out, mut bytes) = (String::new(), bytes.iter().copied());
    value(&mut bytes, 0, &mut out);
    out
}

fn value(bytes: &mut impl Iterator<Item = u8>, depth: usize, out: &mut String) {
    match bytes.next() {
        Some(byte) if byte % 3 != 0 && depth < 40 => object(usize::from(byte / 3) % 5, bytes, depth, out),
        byte => out.push_str(SCALARS[usize::from(byte.unwrap_or_default() / 3) % SCALARS.len()]),
    }
}

fn object(members: usize, bytes: &mut impl Iterator<Item = u8>, depth: usize, out: &mut String) {
    let mut seen = [false; NAMES.len()];
    out.push('{');
    for _ in 0..members {
        let name = usize::from(bytes.next().unwrap_or_default()) % NAMES.len();
        if std::mem::replace(&mut seen[name], true) {
            continue;
        }
        if !out.ends_with('{') {
            out.push(',');
        }
        out.push_str(&format!("\"{}\":", NAMES[name]));
        match NAMES[name] {
            "list" => list(usize::from(bytes.next().unwrap_or_default()) % 4, bytes, depth, out),
            _ => value(bytes, depth + 1, out),
        }
    }
    out.push('}');
}

fn list(elements: usize, bytes: &mut impl Iterator<Item = u8>, depth: usize, out: &mut String) {
    out.push('[');
    for i in 0..elements {
        if i > 0 {
            out.push(',');
        }
        match i {
            0 => object(usize::from(bytes.next().unwrap_or_default()) % 5, bytes, depth + 2, out),
            _ => value(bytes, depth + 2, out),
        }
    }
    out.push(']');
}
