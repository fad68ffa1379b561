//! The inputs of the handlers. The schemas are written by hand: this suite is about servers, not about the derive.

use buttress::payload::{Check, Payload, ValidationContext, presence};
use buttress::schema::{Entry, Field, HasSchema, Kind, Length, Object, Property, Rule, RuleKind, Schema};
use buttress::violation::{InputPath, Violation};
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
    ruled::<T>(names, Field::new(T::schema))
}

const fn ruled<T: Payload>(names: &'static [&'static str], field: Field) -> Entry {
    Entry::Property(Property::new(names, field).with_presence(presence::<T>()))
}

const fn object(entries: &'static [Entry], deny_unknown: bool) -> Schema {
    Schema::new(Kind::Object(Object::new(entries).deny_unknown(deny_unknown)))
}

fn at_least_one(value: u32, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    if value == 0 {
        check.push(Violation::at(at, "range", "must be at least 1").with_param("min", 1));
    }
}

const AT_LEAST_ONE: Field = Field::new(u32::schema).with_hook(
    const {
        &Check::new(|node, at, check| {
            if let Ok(value) = node.read() {
                at_least_one(value, at, check);
            }
        })
    },
);

/// A rule that needs a context, which a layer put into the request's extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MaxQuantity(pub(crate) u32);

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) sku: String,
    pub(crate) quantity: u32,
}

impl HasSchema for Line {
    fn schema() -> &'static Schema {
        const LINE: Schema = object(&[member::<String>(&["sku"]), ruled::<u32>(&["quantity"], AT_LEAST_ONE)], true);
        const { &LINE }
    }
}

impl Payload for Line {
    fn rules(&self, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
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

impl HasSchema for Order {
    fn schema() -> &'static Schema {
        const ORDER: Schema = object(
            &[member::<String>(&["customer"]), member::<Vec<Line>>(&["lines"]), member::<Option<String>>(&["note"])],
            true,
        );
        const { &ORDER }
    }
}

impl Payload for Order {
    fn rules(&self, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
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

impl HasSchema for Changes {
    fn schema() -> &'static Schema {
        const CHANGES: Schema = object(
            &[
                member::<String>(&["customer"]),
                member::<Option<String>>(&["note"]),
                ruled::<u32>(&["priority"], AT_LEAST_ONE),
                member::<u32>(&["deadline"]),
            ],
            true,
        );
        const { &CHANGES }
    }
}

impl Payload for Changes {
    fn rules(&self, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
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

impl HasSchema for Search {
    fn schema() -> &'static Schema {
        const SEARCH: Schema =
            object(&[ruled::<u32>(&["limit"], AT_LEAST_ONE), member::<Option<Vec<String>>>(&["sku"])], true);
        const { &SEARCH }
    }
}

impl Payload for Search {
    fn rules(&self, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
        at_least_one(self.limit, &at.member("limit"), check);
    }
}

/// A parameter of a path with a rule.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(crate) struct Id(pub(crate) u32);

impl HasSchema for Id {
    fn schema() -> &'static Schema {
        const { &Schema::newtype(AT_LEAST_ONE) }
    }
}

impl Payload for Id {
    fn rules(&self, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
        at_least_one(self.0, at, check);
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Place {
    pub(crate) place: u32,
    pub(crate) shelf: String,
}

impl HasSchema for Place {
    fn schema() -> &'static Schema {
        const RULES: &[Rule] = &[Rule::new(RuleKind::Length(|| Length { min: Some(2), max: None, equal: None }))];
        const SHELF: Field = Field::new(String::schema).with_rules(RULES);
        const PLACE: Schema =
            object(&[ruled::<u32>(&["place"], AT_LEAST_ONE), ruled::<String>(&["shelf"], SHELF)], false);
        const { &PLACE }
    }
}

impl Payload for Place {
    fn rules(&self, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
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

impl HasSchema for Wishes {
    fn schema() -> &'static Schema {
        const WISHES: Schema = object(
            &[
                ruled::<u32>(&["api-version"], AT_LEAST_ONE),
                Entry::Property(Property::new(&["X-Tag"], Field::new(<Vec<String>>::schema)).optional()),
            ],
            true,
        );
        const { &WISHES }
    }
}

impl Payload for Wishes {
    fn rules(&self, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
        at_least_one(self.api_version, &at.member("api-version"), check);
    }
}

/// Needs a context that only some requests have.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(crate) struct Few(pub(crate) u32);

impl HasSchema for Few {
    fn schema() -> &'static Schema {
        u32::schema()
    }
}

impl Payload for Few {
    fn rules(&self, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
        if let Some(MaxQuantity(max)) = check.extension()
            && self.0 > *max
        {
            check.push(Violation::at(at, "range", "is too much").with_param("max", *max));
        }
    }
}
