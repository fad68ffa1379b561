//! The inputs of the handlers. The shapes are written by hand: this suite is about servers, not about the derive.

use buttress::payload::{Check, Entry, Length, Member, Missing, Object, Payload, Shape, Slot};
use buttress::violation::{At, Violation};
use serde::{Deserialize, Serialize};

/// The state of the service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shop {
    pub(crate) greeting: Greeting,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Greeting(pub(crate) &'static str);

impl Default for Greeting {
    fn default() -> Self {
        Self("hello")
    }
}

impl buttress::handler::Provide<Greeting> for Shop {
    fn provide(&self) -> Greeting {
        self.greeting.clone()
    }
}

const fn member<T: Payload>(names: &'static [&'static str]) -> Entry {
    ruled::<T>(names, Slot::of(T::shape))
}

const fn ruled<T: Payload>(names: &'static [&'static str], slot: Slot) -> Entry {
    Entry::Member(Member { names, slot, missing: Missing::of::<T>() })
}

const fn object(entries: &'static [Entry], deny_unknown: bool) -> Object {
    Object { entries, deny_unknown, check: None }
}

fn at_least_one(value: u32, at: &At<'_>, check: &mut Check<'_>) {
    if value == 0 {
        check.push(Violation::at(at, "range", "must be at least 1").with_param("min", 1));
    }
}

const AT_LEAST_ONE: Slot = Slot {
    shape: u32::shape,
    length: None,
    check: Some(|node, at, check| {
        if let Ok(value) = node.read() {
            at_least_one(value, at, check);
        }
    }),
};

/// A rule that needs a context, which a layer put into the request's extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MaxQuantity(pub(crate) u32);

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) sku: String,
    pub(crate) quantity: u32,
}

impl Payload for Line {
    fn shape() -> Shape {
        static LINE: Object = object(&[member::<String>(&["sku"]), ruled::<u32>(&["quantity"], AT_LEAST_ONE)], true);
        Shape::Object(&LINE)
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        at_least_one(self.quantity, &at.member("quantity"), check);
    }
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    pub(crate) customer: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) note: Option<String>,
}

impl Payload for Order {
    fn shape() -> Shape {
        static ORDER: Object = object(
            &[member::<String>(&["customer"]), member::<Vec<Line>>(&["lines"]), member::<Option<String>>(&["note"])],
            true,
        );
        Shape::Object(&ORDER)
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        self.lines.rules(&at.member("lines"), check);
    }
}

/// The members of an order that may be patched.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    pub(crate) customer: String,
    pub(crate) note: Option<String>,
    pub(crate) priority: u32,
    pub(crate) deadline: u32,
}

impl Payload for Changes {
    fn shape() -> Shape {
        static CHANGES: Object = object(
            &[
                member::<String>(&["customer"]),
                member::<Option<String>>(&["note"]),
                ruled::<u32>(&["priority"], AT_LEAST_ONE),
                member::<u32>(&["deadline"]),
            ],
            true,
        );
        Shape::Object(&CHANGES)
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        at_least_one(self.priority, &at.member("priority"), check);
        if self.priority > self.deadline {
            check.push(Violation::at(&at.member("deadline"), "match", "must not be less than the priority"));
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Search {
    pub(crate) limit: u32,
    pub(crate) sku: Option<Vec<String>>,
}

impl Payload for Search {
    fn shape() -> Shape {
        static SEARCH: Object =
            object(&[ruled::<u32>(&["limit"], AT_LEAST_ONE), member::<Option<Vec<String>>>(&["sku"])], true);
        Shape::Object(&SEARCH)
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        at_least_one(self.limit, &at.member("limit"), check);
    }
}

/// A parameter of a path with a rule.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(crate) struct Id(pub(crate) u32);

impl Payload for Id {
    fn shape() -> Shape {
        Shape::Checked(&AT_LEAST_ONE)
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        at_least_one(self.0, at, check);
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Place {
    pub(crate) place: u32,
    pub(crate) shelf: String,
}

impl Payload for Place {
    fn shape() -> Shape {
        const SHELF: Slot =
            Slot { shape: String::shape, length: Some(Length { min: Some(2), max: None, equal: None }), check: None };
        static PLACE: Object =
            object(&[ruled::<u32>(&["place"], AT_LEAST_ONE), ruled::<String>(&["shelf"], SHELF)], false);
        Shape::Object(&PLACE)
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        at_least_one(self.place, &at.member("place"), check);
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Wishes {
    pub(crate) api_version: u32,
    #[serde(rename = "X-Tag", default)]
    pub(crate) tags: Vec<String>,
}

impl Payload for Wishes {
    fn shape() -> Shape {
        static WISHES: Object = object(
            &[
                ruled::<u32>(&["api-version"], AT_LEAST_ONE),
                Entry::Member(Member {
                    names: &["X-Tag"],
                    slot: Slot::of(<Vec<String>>::shape),
                    missing: Missing::Fine,
                }),
            ],
            true,
        );
        Shape::Object(&WISHES)
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        at_least_one(self.api_version, &at.member("api-version"), check);
    }
}

/// Needs a context that only some requests have.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(crate) struct Few(pub(crate) u32);

impl Payload for Few {
    fn shape() -> Shape {
        u32::shape()
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        if let Some(MaxQuantity(max)) = check.context()
            && self.0 > *max
        {
            check.push(Violation::at(at, "range", "is too much").with_param("max", *max));
        }
    }
}
