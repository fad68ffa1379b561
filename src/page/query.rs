use serde::{Deserialize, Deserializer};

use super::link::PARAMETER;
use crate::payload::rule::{Range, RuleLabel, range};
use crate::payload::{Check, LeafReader, Payload, ValidationContext};
use crate::schema::{
    Bounds, Entry, Field, Format, HasSchema, Kind as SchemaKind, Object, Property, Rule, RuleKind, Scalar, Schema,
};
use crate::violation::InputPath;

/// The query of a list: `limit`, how many items the page has, and `cursor`, where it begins.
///
/// `limit` is from 1 to `MAX` and defaults to `DEFAULT`. A `cursor` that is empty counts as sent, so that it is
/// refused: a client that lost its cursor must not silently start again.
///
/// A list without filters takes the query as it is. A list with filters flattens it into its own query, which then
/// refuses unknown parameters for both:
///
/// ```
/// # #[cfg(feature = "derive")] {
/// use buttress::Payload;
/// use buttress::page::PageQuery;
/// use buttress::payload::{ValidationContext, read_query};
/// use serde::Deserialize;
///
/// #[derive(Deserialize, Payload)]
/// #[serde(deny_unknown_fields)]
/// struct ListQuery {
///     #[validate(length(min = 1, max = 64))]
///     customer: Option<String>,
///     #[serde(flatten)]
///     page: PageQuery,
/// }
///
/// let query: ListQuery = read_query("customer=ann&limit=50", ValidationContext::new()).unwrap();
/// assert_eq!((query.customer.as_deref(), query.page.limit(), query.page.cursor()), (Some("ann"), 50, None));
///
/// let problem = read_query::<ListQuery>("limit=101&colour=red", ValidationContext::new()).err().unwrap();
/// let found: Vec<_> = problem.violations().iter().map(|v| format!("{} {}", v.location(), v.code())).collect();
/// assert_eq!(found, ["colour unknown", "limit range"]);
/// # }
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery<const DEFAULT: u32 = 20, const MAX: u32 = 100> {
    #[serde(default)]
    limit: Limit<DEFAULT, MAX>,
    #[serde(default)]
    cursor: Sent,
}

impl<const DEFAULT: u32, const MAX: u32> PageQuery<DEFAULT, MAX> {
    /// The most items that the page has.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        self.limit.0
    }

    /// How many rows to read: one more than the page has, because that row shows that there is a next page.
    #[must_use]
    pub const fn rows_to_read(&self) -> u32 {
        self.limit.0.saturating_add(1)
    }

    /// The cursor, for [`Cursor::after`](super::Cursor::after).
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.0.as_deref()
    }
}

impl<const DEFAULT: u32, const MAX: u32> HasSchema for PageQuery<DEFAULT, MAX> {
    fn schema() -> &'static Schema {
        const {
            &Schema::new(SchemaKind::Object(
                Object::new(
                    const {
                        &[
                            Entry::Property(
                                Property::new(
                                    &["limit"],
                                    Field::new(Limit::<DEFAULT, MAX>::schema)
                                        .with_description("The most items that the page has.")
                                        .with_default(|| Some(DEFAULT.into())),
                                )
                                .optional(),
                            ),
                            Entry::Property(
                                Property::new(
                                    &[PARAMETER],
                                    Field::new(Sent::schema)
                                        .with_description("The `next` of the page before; without it, the first page."),
                                )
                                .optional(),
                            ),
                        ]
                    },
                )
                .deny_unknown(true),
            ))
        }
    }
}

impl<const DEFAULT: u32, const MAX: u32> Payload for PageQuery<DEFAULT, MAX> {
    fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
        self.limit.rules(&at.member("limit"), context);
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
struct Limit<const DEFAULT: u32, const MAX: u32>(u32);

impl<const DEFAULT: u32, const MAX: u32> Default for Limit<DEFAULT, MAX> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<const DEFAULT: u32, const MAX: u32> HasSchema for Limit<DEFAULT, MAX> {
    fn schema() -> &'static Schema {
        const {
            &Schema::newtype(
                Field::new(u32::schema)
                    .with_rules(
                        const {
                            &[Rule::new(RuleKind::Range(|| Bounds {
                                min: Some(1.into()),
                                max: Some(MAX.into()),
                                ..Bounds::default()
                            }))]
                        },
                    )
                    .with_hook(
                        const {
                            &Check::new(|node, at, context| {
                                if let Ok(limit) = node.read::<Self>() {
                                    limit.rules(at, context);
                                }
                            })
                        },
                    ),
            )
        }
    }
}

impl<const DEFAULT: u32, const MAX: u32> Payload for Limit<DEFAULT, MAX> {
    fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
        let limits = Range { min: Some(1), max: Some(MAX), ..Range::default() };
        range(&self.0, &limits, RuleLabel::new("range"), at, context);
    }
}

/// A text that was sent, even if it is empty. An `Option<String>` would be `None` for an empty value.
#[derive(Debug, Clone, Default)]
struct Sent(Option<String>);

impl<'de> Deserialize<'de> for Sent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Some(text)))
    }
}

impl HasSchema for Sent {
    fn schema() -> &'static Schema {
        const { &Schema::scalar(Scalar::text(Format::Plain).with_hook(const { &LeafReader::of::<Self>() })) }
    }
}

impl Payload for Sent {
    fn rules(&self, _: &InputPath<'_>, _: &mut ValidationContext<'_>) {}
}
