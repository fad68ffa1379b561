//! The table of types: every form of serde, every rule, every direction.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroI16, NonZeroU8};
use std::sync::LazyLock;

use buttress::payload::rule::ValidationError;
use buttress::{Payload, Timestamp};
use regex::Regex;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;

use crate::agreement::{Case, Exception};

/// Types of one form, each with the derives of an input that is written again.
macro_rules! payloads {
    ($($(#[$meta:meta])* $kind:ident $name:ident $body:tt)*) => {$(
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Payload)]
        $(#[$meta])*
        $kind $name $body
    )*};
}

payloads! {
    struct Plain { id: u32, name: String, note: Option<String>, tags: Vec<String> }

    #[serde(deny_unknown_fields)]
    struct Denies { id: u32, name: Option<String> }

    #[serde(rename_all = "camelCase")]
    struct Camel { first_name: String, #[serde(rename = "ID")] number: u16 }

    #[serde(rename_all(serialize = "SCREAMING_SNAKE_CASE", deserialize = "kebab-case"))]
    struct TwoNames { first_name: String, #[serde(rename(serialize = "out", deserialize = "in"))] flag: bool }

    #[serde(deny_unknown_fields)]
    struct Aliased { #[serde(alias = "qty", alias = "n")] quantity: u8, #[serde(alias = "memo")] note: Option<String> }

    struct Defaults { #[serde(default)] a: u8, #[serde(default = "seven")] b: u8, #[serde(default)] c: Vec<u8> }

    #[serde(default)]
    struct AllDefaults { size: u16, wide: bool }

    struct Skips {
        #[serde(default, skip_serializing_if = "Option::is_none")] a: Option<u8>,
        #[serde(default, skip_deserializing)] written: u8,
        #[serde(skip_serializing)] read: u8,
        #[serde(skip)] neither: u8,
    }

    struct Lengths {
        #[validate(length(min = 2, max = 5))] text: String,
        #[validate(length(equal = 3))] exact: Option<String>,
    }

    struct Ranges {
        #[validate(range(min = 1, max = 999))] quantity: u32,
        #[validate(range(exclusive_min = -5, exclusive_max = 5))] offset: i64,
        #[validate(range(max = LARGEST))] constant: Option<u64>,
    }

    struct FloatRanges {
        #[validate(range(min = 0.0, max = 90.0))] latitude: f64,
        #[validate(range(exclusive_min = 0.5))] factor: f32,
    }

    struct Patterns { #[validate(regex(path = *SKU))] #[payload(example = "MUG-001", example = "A1B2")] sku: String }

    struct Emails { #[validate(email)] mail: String, #[validate(email, length(max = 40))] other: Option<String> }

    struct Urls { #[validate(url)] site: String }

    struct Addresses {
        #[validate(ip)] any: String,
        #[validate(ip(v4))] four: String,
        #[validate(ip(v6))] six: Option<String>,
    }

    struct Printable { #[validate(non_control_character)] #[payload(example = "a b", example = "é")] text: String }

    struct Needles {
        #[validate(contains(pattern = "@."))] #[payload(example = "a@.b")] has: String,
        #[validate(does_not_contain(pattern = "$$"))] lacks: String,
        #[validate(contains(pattern = "id"))] #[payload(example = BTreeMap::from([("id", 1)]))] map: HashMap<String, u8>,
    }

    struct Requires { #[validate(required)] there: Option<u8>, #[validate(required, range(max = 9))] small: Option<u8> }

    #[payload(example = json!({"password": "a", "again": "a"}))]
    struct Matches { password: String, #[validate(must_match(other = password))] again: String }

    struct Custom { #[validate(custom(function = even))] n: u8 }

    #[payload(example = json!({"a": 1, "b": 2, "total": 3}))]
    #[validate(schema(function = adds_up))]
    struct Sums { a: u16, b: u16, total: u32 }

    #[payload(trim)]
    struct Trimmed { #[validate(length(min = 2, max = 4))] name: String }

    struct Lowered { #[payload(lowercase, strip_control)] text: String, #[payload(nfc, trim)] list: Vec<String> }

    struct Limits {
        #[validate(length(min = 1, max = 2))] list: Vec<u8>,
        #[validate(length(max = 2))] map: BTreeMap<String, bool>,
        #[validate(length(min = 1, max = 3))] set: BTreeSet<u8>,
        #[validate(length(min = 1))] optional: Option<Vec<bool>>,
    }

    struct Nested { one: Lengths, many: Vec<Denies>, maybe: Option<Camel>, by_name: HashMap<String, Custom> }

    struct Tree { #[validate(range(max = 9))] n: u8, #[serde(default)] kids: Vec<Tree> }

    struct Chain { value: bool, next: Option<Box<Chain>> }

    struct Husband { wife: Option<Box<Wife>> }

    struct Wife { age: u8, husband: Option<Box<Husband>> }

    enum Color { Red, Green, #[serde(alias = "azure")] Blue }

    #[serde(rename_all = "kebab-case")]
    enum External { Nothing, OneOf(u8), Pair(u8, bool), Full { size: u16, name: Option<String> } }

    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Internal { Card { digits: String }, Cash, Cheque(Denies), Open(BTreeMap<String, String>) }

    #[serde(tag = "kind", deny_unknown_fields)]
    enum InternalDenies { Card { digits: String }, #[serde(alias = "Till")] Cash { amount: u8 } }

    #[serde(tag = "t")]
    enum Others { Known { a: u8 }, #[serde(other)] Unknown }

    #[serde(tag = "t", content = "c")]
    enum Adjacent { Unit, One(u8), Pair(u8, u8), Full { a: Option<u8> }, Maybe(Option<u8>) }

    #[serde(tag = "t", content = "c", deny_unknown_fields)]
    enum AdjacentDenies { Unit, Full { a: u8 } }

    #[serde(untagged)]
    enum Untagged { Number(u32), Text(String), Pair(u8, u8), Full { a: u8 }, Nothing }

    #[serde(untagged)]
    enum RuledVariants { Small { #[validate(range(max = 9))] n: u8 }, Large { n: u32 } }

    enum Mixed { Named(u8), #[serde(untagged)] Other { free: String } }

    #[serde(rename_all_fields = "camelCase")]
    enum Fields { A { first_name: String }, B { #[serde(rename = "x")] last_name: bool } }

    enum Ruled { Text { #[validate(length(min = 1))] text: String }, Number(#[validate(range(min = 5))] u8) }

    #[allow(dead_code)]
    enum Lopsided { Both(u8), #[serde(skip_deserializing)] Written(u8), #[serde(rename(serialize = "Out"))] Named }

    struct Flat { id: u8, #[serde(flatten)] page: Page, #[serde(flatten)] rest: BTreeMap<String, u8> }

    struct Page { #[serde(default)] limit: u8, size: String }

    #[payload(deny_unknown)]
    struct FlatDenies { id: u8, #[serde(flatten)] page: Page }

    struct FlatOption { id: u8, #[serde(flatten)] page: Option<Page> }

    struct FlatInternal { id: u8, #[serde(flatten)] method: Method }

    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Method { Card { digits: String }, Cash }

    struct FlatExternal { id: u8, #[serde(flatten)] choice: Choice }

    #[serde(rename_all = "lowercase")]
    enum Choice { Left { l: u8 }, Right(bool) }

    #[payload(deny_unknown)]
    struct FlatMaybe { id: u8, #[serde(flatten)] page: Option<Page>, #[serde(flatten)] method: Method }

    #[serde(transparent)]
    struct Transparent { #[validate(length(max = 3))] inner: Vec<u8> }

    #[serde(try_from = "String", into = "String")]
    struct Code { text: String }

    #[serde(from = "u8", into = "u8")]
    struct Doubled { twice: u16 }

    #[serde(try_from = "u8")]
    struct OneWay { number: u8 }

    #[payload(example = json!({"both": "1", "read": 1, "written": 1}))]
    struct Functions {
        #[serde(with = "as_text")] both: u32,
        #[serde(deserialize_with = "one_or_many")] read: Vec<u8>,
        #[serde(serialize_with = "as_text::serialize")] written: u32,
    }

    #[payload(example = json!({"foreign": {"of": 1}, "map": {"1": [2]}, "ip": "::1"}))]
    struct Leaves { #[payload(leaf)] foreign: Foreign, #[payload(leaf)] map: BTreeMap<u16, Vec<u8>>, #[payload(leaf)] ip: IpAddr }

    struct Wide { big: u128, small: i128 }

    #[serde(rename = "Renamed")]
    struct Named { #[payload(example = 3)] n: u8, color: Color }

    struct Sets { unique: HashSet<String>, pairs: Vec<(u8, bool)>, array: [i16; 2] }

    struct Empty {}
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Payload)]
struct Generic<T> {
    items: Vec<T>,
    #[serde(flatten)]
    rest: Option<Page>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Payload)]
struct Newtype(String);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Payload)]
struct RuledNewtype(#[validate(range(min = 3))] u8);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Payload)]
struct ListNewtype(Vec<RuledNewtype>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Payload)]
struct Point(#[validate(range(max = 90))] i16, i16, Option<bool>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Payload)]
struct Unit;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Payload)]
struct Nest(Vec<Nest>);

static SKU: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[A-Z0-9-]{3,8}$").unwrap());

const LARGEST: u64 = 5_000_000_000;

fn seven() -> u8 {
    7
}

impl Default for AllDefaults {
    fn default() -> Self {
        Self { size: 10, wide: false }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn even(n: &u8) -> Result<(), ValidationError> {
    if n.is_multiple_of(2) { Ok(()) } else { Err(ValidationError::new("odd")) }
}

fn adds_up(sums: &Sums) -> Result<(), ValidationError> {
    let total = u32::from(sums.a) + u32::from(sums.b);
    if total == sums.total { Ok(()) } else { Err(ValidationError::new("sum")) }
}

impl TryFrom<String> for Code {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        if text.len() < 4 { Ok(Self { text }) } else { Err("must be short") }
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.text
    }
}

impl From<u8> for Doubled {
    fn from(number: u8) -> Self {
        Self { twice: u16::from(number) * 2 }
    }
}

impl From<Doubled> for u8 {
    fn from(doubled: Doubled) -> Self {
        Self::try_from(doubled.twice / 2).unwrap_or(Self::MAX)
    }
}

impl TryFrom<u8> for OneWay {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, &'static str> {
        if number == 13 { Err("must not be 13") } else { Ok(Self { number }) }
    }
}

/// A type of another crate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Foreign {
    of: u8,
}

mod as_text {
    use super::*;

    pub(super) fn serialize<S: Serializer>(number: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&number.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        One(u8),
        Many(Vec<u8>),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::One(one) => vec![one],
        Either::Many(many) => many,
    })
}

/// Names each type once.
macro_rules! table {
    ($($type:ty $(: $($exception:ident)+)?;)*) => {
        vec![$(Case::of::<$type>(stringify!($type), &[$($(Exception::$exception),+)?])),*]
    };
}

pub(crate) fn all() -> Vec<Case> {
    table! {
        bool; u8; i8; u16; u32; i32; u64; i64; f32; f64; String; char; ();
        u128: Wide; NonZeroU8; NonZeroI16;
        IpAddr: Format; Ipv4Addr: Format; Ipv6Addr: Format; Timestamp: Format; std::time::Duration;
        serde_json::Value; serde_json::Number;
        Option<u8>; Vec<Option<u8>>; (u8, String); [u8; 3]; BTreeMap<String, u8>; BTreeSet<u8>;
        Plain; Denies; Camel; TwoNames; Aliased; Defaults; AllDefaults; Skips;
        Lengths; Ranges; FloatRanges; Patterns; Emails: Format; Urls: Format; Addresses: Format; Printable; Needles;
        Requires; Matches: MustMatch; Custom: Function; Sums: Function; Trimmed: Sanitised; Lowered; Limits;
        Nested: Function; Tree; Chain; Husband; Color; External; Internal; InternalDenies; Others; Adjacent;
        AdjacentDenies; Untagged; RuledVariants: FirstVariant; Mixed; Fields; Ruled; Lopsided;
        Flat; FlatDenies; FlatOption; FlatInternal; FlatExternal; FlatMaybe; Transparent;
        Code: Conversion; Doubled; OneWay: Conversion; Functions: Conversion; Leaves: Conversion Format; Wide: Wide;
        Named; Sets; Empty; Generic<Point>; Newtype; RuledNewtype; ListNewtype; Point; Unit; Nest;
    }
}
