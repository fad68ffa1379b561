//! Types whose shapes are written by hand, and a short form for violations.

use std::collections::BTreeMap;

use buttress::Problem;
use buttress::payload::{Check, Payload, TypeSet, ValidationContext, leaf, presence, read_json};
use buttress::schema::{
    Entry, Enum, Field, HasSchema, Kind as SchemaKind, Length, Object, Property, Rule, RuleKind, Schema, Tagging,
    Variant,
};
use buttress::violation::{InputPath, Violation};
use serde::Deserialize;

/// `status: location code, …`, or `ok`.
pub(crate) fn outcome<T>(read: Result<T, Problem>) -> String {
    match read {
        Ok(_) => "ok".to_owned(),
        Err(problem) => {
            let found = problem.violations().iter().map(|found| format!("{} {}", found.location(), found.code()));
            format!("{} {}", problem.status().as_u16(), found.collect::<Vec<_>>().join(",")).trim_end().to_owned()
        }
    }
}

pub(crate) fn json<T: Payload>(body: impl AsRef<[u8]>) -> String {
    outcome(read_json::<T>(body.as_ref(), ValidationContext::new()))
}

/// The location and message of every violation.
pub(crate) fn messages<T: Payload>(body: &str) -> Vec<String> {
    let Err(problem) = read_json::<T>(body.as_bytes(), ValidationContext::new()) else { return Vec::new() };
    problem.violations().iter().map(|found| format!("{} {}", found.location(), found.message())).collect()
}

const fn required<T: HasSchema>(names: &'static [&'static str]) -> Entry {
    Entry::Property(Property::new(names, Field::new(T::schema)))
}

const fn optional<T: HasSchema>(names: &'static [&'static str]) -> Entry {
    Entry::Property(Property::new(names, Field::new(T::schema)).optional())
}

const fn by_type<T: Payload>(names: &'static [&'static str]) -> Entry {
    Entry::Property(Property::new(names, Field::new(T::schema)).with_presence(presence::<T>()))
}

const fn object(entries: &'static [Entry], deny_unknown: bool) -> Object {
    Object::new(entries).deny_unknown(deny_unknown)
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) sku: String,
    #[serde(alias = "qty")]
    pub(crate) quantity: u32,
}

fn quantity(value: u32, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    if !(1..=999).contains(&value) {
        let found = Violation::at(at, "range", "must be between 1 and 999");
        check.push(found.with_param("min", 1).with_param("max", 999));
    }
}

impl HasSchema for Line {
    fn schema() -> &'static Schema {
        const QUANTITY: Field = Field::new(u32::schema).with_hook(
            const {
                &Check::new(|node, at, check| {
                    if let Ok(value) = node.read() {
                        quantity(value, at, check);
                    }
                })
            },
        );
        const ENTRIES: &[Entry] = &[
            required::<String>(&["sku"]),
            Entry::Property(Property::new(&["quantity", "qty"], QUANTITY).with_presence(presence::<u32>())),
        ];
        const { &Schema::new(SchemaKind::Object(object(ENTRIES, true))) }
    }
}

impl Payload for Line {
    fn rules(&self, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
        quantity(self.quantity, &at.member("quantity"), check);
    }
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    pub(crate) customer: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) note: Option<String>,
    #[serde(default)]
    pub(crate) extra: BTreeMap<String, Line>,
}

const LINES: Length = Length { min: Some(1), max: Some(2), equal: None };

fn lines(count: usize, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    if !(1..=2).contains(&count) {
        let found = Violation::at(at, "length", "must have 1 to 2 elements");
        check.push(found.with_param("min", 1).with_param("max", 2));
    }
}

fn whole(order: &Order, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    if order.note.as_ref() == Some(&order.customer) {
        check.push(Violation::at(at, "note-is-customer", "must not have the customer as its note"));
    }
}

impl HasSchema for Order {
    fn schema() -> &'static Schema {
        const LIST: Field =
            Field::new(<Vec<Line>>::schema).with_rules(const { &[Rule::new(RuleKind::Length(|| LINES))] }).with_hook(
                const {
                    &Check::new(|node, at, check| {
                        if let Ok(list) = node.read::<Vec<Line>>() {
                            lines(list.len(), at, check);
                        }
                    })
                },
            );
        const ENTRIES: &[Entry] = &[
            required::<String>(&["customer"]),
            Entry::Property(Property::new(&["lines"], LIST)),
            by_type::<Option<String>>(&["note"]),
            optional::<BTreeMap<String, Line>>(&["extra"]),
        ];
        const CHECK: &Check = &Check::new(|node, at, check| {
            if let Ok(order) = node.read::<Order>() {
                whole(&order, at, check);
            }
        });
        const { &Schema::new(SchemaKind::Object(object(ENTRIES, true).with_hook(CHECK))) }
    }
}

impl Payload for Order {
    fn rules(&self, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
        lines(self.lines.len(), &at.member("lines"), check);
        self.lines.rules(&at.member("lines"), check);
        self.extra.rules(&at.member("extra"), check);
        whole(self, at, check);
    }
}

/// A type that contains itself.
#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Tree {
    pub(crate) n: u8,
    #[serde(default)]
    pub(crate) kids: Vec<Tree>,
}

impl HasSchema for Tree {
    fn schema() -> &'static Schema {
        const ENTRIES: &[Entry] = &[required::<u8>(&["n"]), optional::<Vec<Tree>>(&["kids"])];
        const CHECK: &Check = &Check::new(|node, at, check| {
            if let Ok(tree) = node.read::<Tree>()
                && tree.n == 13
            {
                check.push(Violation::at(at, "unlucky", "must be of better luck"));
            }
        });
        const { &Schema::new(SchemaKind::Object(object(ENTRIES, false).with_hook(CHECK))) }
    }
}

impl Payload for Tree {
    fn rules(&self, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
        if self.n == 13 {
            check.push(Violation::at(at, "unlucky", "must be of better luck"));
        }
        self.kids.rules(&at.member("kids"), check);
    }
}

macro_rules! schemas {
    ($($type:ty: $walk:literal, $schema:expr;)*) => {$(
        impl HasSchema for $type {
            fn schema() -> &'static Schema {
                $schema
            }
        }

        impl Payload for $type {
            fn rules(&self, _: &InputPath<'_>, _: &mut ValidationContext<'_>) {}
            fn needs_walk(_: &mut TypeSet) -> bool {
                $walk
            }
        }
    )*};
}

#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Card {
    pub(crate) digits: String,
}

const NULL: Schema = Schema::null();

const VARIANTS: &[Variant] =
    &[Variant::new(&["card", "plastic"], Card::schema), Variant::new(&["cash"], || const { &NULL })];

const fn tagging(tagging: Tagging) -> Schema {
    Schema::new(SchemaKind::Enum(Enum::new(tagging, VARIANTS)))
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum External {
    #[serde(alias = "plastic")]
    Card(Card),
    Cash,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub(crate) enum Internal {
    #[serde(alias = "plastic")]
    Card(Card),
    Cash,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase", tag = "kind", content = "data")]
pub(crate) enum Adjacent {
    #[serde(alias = "plastic")]
    Card(Card),
    Cash,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(untagged)]
pub(crate) enum Untagged {
    Card(Card),
    Number(u32),
    Tree(Box<Tree>),
}

#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Page {
    #[serde(default)]
    pub(crate) sort: Option<String>,
    pub(crate) size: String,
}

#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Flat {
    pub(crate) id: u32,
    #[serde(flatten)]
    pub(crate) page: Page,
    #[serde(flatten)]
    pub(crate) rest: BTreeMap<String, u8>,
}

/// A type of which only serde knows how to read it.
#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Foreign {
    pub(crate) even: Even,
    #[serde(default)]
    pub(crate) names: BTreeMap<String, u8>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(try_from = "u32")]
pub(crate) struct Even(u32);

impl TryFrom<u32> for Even {
    type Error = String;
    fn try_from(n: u32) -> Result<Self, String> {
        if n.is_multiple_of(2) { Ok(Self(n)) } else { Err(format!("invalid value: integer `{n}`, expected not {n}")) }
    }
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    pub(crate) limit: Option<u8>,
    #[serde(default)]
    pub(crate) tag: Vec<String>,
    pub(crate) kind: Option<Kind>,
    #[serde(default)]
    pub(crate) exact: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Open,
    Done,
}

schemas! {
    Card: false, const { &Schema::object(const { &[required::<String>(&["digits"])] }) };
    External: false, const { &tagging(Tagging::External) };
    Internal: true, const { &tagging(Tagging::Internal("kind")) };
    Adjacent: true, const { &tagging(Tagging::Adjacent("kind", "data")) };
    Untagged: true, const { &Schema::variants(Tagging::Untagged, const { &[
        Variant::new(&["Card"], Card::schema),
        Variant::new(&["Number"], u32::schema),
        Variant::new(&["Tree"], Tree::schema),
    ] }) };
    Page: false, const { &Schema::object(const { &[
        optional::<Option<String>>(&["sort"]),
        required::<String>(&["size"]),
    ] }) };
    Flat: true, const { &Schema::object(const { &[
        required::<u32>(&["id"]),
        Entry::Flatten(Field::new(Page::schema)),
        Entry::Flatten(Field::new(<BTreeMap<String, u8>>::schema)),
    ] }) };
    Foreign: false, leaf::<Foreign>();
    Even: false, leaf::<Even>();
    Kind: false, const { &Schema::variants(Tagging::External, const { &[
        Variant::new(&["open"], || const { &NULL }),
        Variant::new(&["done"], || const { &NULL }),
    ] }) };
    Filter: false, const { &Schema::new(SchemaKind::Object(object(const { &[
        by_type::<Option<u8>>(&["limit"]),
        optional::<Vec<String>>(&["tag"]),
        by_type::<Option<Kind>>(&["kind"]),
        optional::<bool>(&["exact"]),
    ] }, true))) };
}
