//! Types whose shapes are written by hand, and a short form for violations.

use std::collections::BTreeMap;

use buttress::Problem;
use buttress::payload::{
    Check, Entry, Enum, Leaf, Length, Map, Member, Missing, Object, Payload, Shape, Slot, Tagging, Variant, Visited,
    read_json,
};
use buttress::violation::{At, Violation};
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
    outcome(read_json::<T>(body.as_ref(), Check::new()))
}

/// The location and message of every violation.
pub(crate) fn messages<T: Payload>(body: &str) -> Vec<String> {
    let Err(problem) = read_json::<T>(body.as_bytes(), Check::new()) else { return Vec::new() };
    problem.violations().iter().map(|found| format!("{} {}", found.location(), found.message())).collect()
}

const fn member<T: Payload>(names: &'static [&'static str], missing: Missing) -> Entry {
    Entry::Member(Member { names, slot: Slot::of(T::shape), missing })
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) sku: String,
    #[serde(alias = "qty")]
    pub(crate) quantity: u32,
}

fn quantity(value: u32, at: &At<'_>, check: &mut Check<'_>) {
    if !(1..=999).contains(&value) {
        let found = Violation::at(at, "range", "must be between 1 and 999");
        check.push(found.with_param("min", 1).with_param("max", 999));
    }
}

impl Payload for Line {
    fn shape() -> Shape {
        const QUANTITY: Slot = Slot {
            shape: u32::shape,
            length: None,
            check: Some(|node, at, check| {
                if let Ok(value) = node.read() {
                    quantity(value, at, check);
                }
            }),
        };
        const {
            Shape::Object(&Object {
                entries: &[
                    member::<String>(&["sku"], Missing::Refused),
                    Entry::Member(Member {
                        names: &["quantity", "qty"],
                        slot: QUANTITY,
                        missing: Missing::of::<u32>(),
                    }),
                ],
                deny_unknown: true,
                check: None,
            })
        }
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
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

fn lines(count: usize, at: &At<'_>, check: &mut Check<'_>) {
    if !(1..=2).contains(&count) {
        let found = Violation::at(at, "length", "must have 1 to 2 elements");
        check.push(found.with_param("min", 1).with_param("max", 2));
    }
}

fn whole(order: &Order, at: &At<'_>, check: &mut Check<'_>) {
    if order.note.as_ref() == Some(&order.customer) {
        check.push(Violation::at(at, "note-is-customer", "must not have the customer as its note"));
    }
}

impl Payload for Order {
    fn shape() -> Shape {
        const LIST: Slot = Slot {
            shape: <Vec<Line> as Payload>::shape,
            length: Some(LINES),
            check: Some(|node, at, check| {
                if let Ok(list) = node.read::<Vec<Line>>() {
                    lines(list.len(), at, check);
                }
            }),
        };
        const {
            Shape::Object(&Object {
                entries: &[
                    member::<String>(&["customer"], Missing::Refused),
                    Entry::Member(Member { names: &["lines"], slot: LIST, missing: Missing::Refused }),
                    member::<Option<String>>(&["note"], Missing::of::<Option<String>>()),
                    member::<BTreeMap<String, Line>>(&["extra"], Missing::Fine),
                ],
                deny_unknown: true,
                check: Some(|node, at, check| {
                    if let Ok(order) = node.read::<Order>() {
                        whole(&order, at, check);
                    }
                }),
            })
        }
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
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

impl Payload for Tree {
    fn shape() -> Shape {
        const {
            Shape::Object(&Object {
                entries: &[member::<u8>(&["n"], Missing::Refused), member::<Vec<Tree>>(&["kids"], Missing::Fine)],
                deny_unknown: false,
                check: Some(|node, at, check| {
                    if let Ok(tree) = node.read::<Tree>()
                        && tree.n == 13
                    {
                        check.push(Violation::at(at, "unlucky", "must be of better luck"));
                    }
                }),
            })
        }
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        if self.n == 13 {
            check.push(Violation::at(at, "unlucky", "must be of better luck"));
        }
        self.kids.rules(&at.member("kids"), check);
    }
}

macro_rules! shapes {
    ($($type:ty: $walk:literal, $shape:expr;)*) => {$(
        impl Payload for $type {
            fn shape() -> Shape {
                const { $shape }
            }
            fn rules(&self, _: &At<'_>, _: &mut Check<'_>) {}
            fn needs_walk(_: &mut Visited) -> bool {
                $walk
            }
        }
    )*};
}

#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Card {
    pub(crate) digits: String,
}

const fn variant(names: &'static [&'static str], content: fn() -> Shape) -> Variant {
    Variant { names, content, other: false, untagged: false }
}

const VARIANTS: &[Variant] = &[variant(&["card", "plastic"], Card::shape), variant(&["cash"], || Shape::Unit)];

const fn tagging(tagging: Tagging) -> Enum {
    Enum { tagging, variants: VARIANTS, deny_unknown: false, check: None }
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

shapes! {
    Card: false, Shape::Object(&Object {
        entries: &[member::<String>(&["digits"], Missing::Refused)],
        deny_unknown: false,
        check: None,
    });
    External: false, Shape::Enum(const { &tagging(Tagging::External) });
    Internal: true, Shape::Enum(const { &tagging(Tagging::Internal("kind")) });
    Adjacent: true, Shape::Enum(const { &tagging(Tagging::Adjacent("kind", "data")) });
    Untagged: true, Shape::Enum(const { &Enum {
        tagging: Tagging::Untagged,
        variants: &[
            variant(&["Card"], Card::shape),
            variant(&["Number"], u32::shape),
            variant(&["Tree"], Tree::shape),
        ],
        deny_unknown: false,
        check: None,
    } });
    Page: false, Shape::Object(&Object {
        entries: &[
            member::<Option<String>>(&["sort"], Missing::Fine),
            member::<String>(&["size"], Missing::Refused),
        ],
        deny_unknown: false,
        check: None,
    });
    Flat: true, Shape::Object(&Object {
        entries: &[
            member::<u32>(&["id"], Missing::Refused),
            Entry::Flatten(Page::shape),
            Entry::Flatten(|| Shape::Map(Map { name: Leaf::of::<String>(), value: u8::shape })),
        ],
        deny_unknown: false,
        check: None,
    });
    Foreign: false, Shape::leaf::<Foreign>();
    Even: false, Shape::leaf::<Even>();
    Kind: false, Shape::Enum(const { &Enum {
        tagging: Tagging::External,
        variants: &[variant(&["open"], || Shape::Unit), variant(&["done"], || Shape::Unit)],
        deny_unknown: false,
        check: None,
    } });
    Filter: false, Shape::Object(&Object {
        entries: &[
            member::<Option<u8>>(&["limit"], Missing::of::<Option<u8>>()),
            member::<Vec<String>>(&["tag"], Missing::Fine),
            member::<Option<Kind>>(&["kind"], Missing::of::<Option<Kind>>()),
            member::<bool>(&["exact"], Missing::Fine),
        ],
        deny_unknown: true,
        check: None,
    });
}
