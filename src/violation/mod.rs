//! The faults of an input, each with its exact place.
//!
//! A [`Violation`] is one sentence about one place: a [`Location`] that the client can find in its input, a stable
//! `code` that a program can act on, a message for a person, and the limits of the rule. It never repeats the input: a
//! password that is too short must not come back in an error body.
//!
//! Validation produces violations by the dozen, and business code may add its own. Both end up in the same
//! [`Violations`] and leave as the same problem:
//!
//! ```
//! use buttress::Problem;
//! use buttress::violation::{InputPath, Violation, Violations};
//!
//! let body = InputPath::body();
//! let lines = body.member("lines");
//! let mut found = Violations::new();
//! found.push(Violation::at(&lines.index(3).member("sku"), "unknown-sku", "is not a sku of this shop"));
//!
//! let first = found.iter().next().unwrap();
//! assert_eq!(first.location().to_string(), "#/lines/3/sku");
//! assert_eq!(Problem::from(found).status(), 422);
//! ```
//!
//! An [`InputPath`] is a place while it is being checked. It is on the stack and borrows its parent, so that checking a
//! value without faults allocates nothing:
//!
//! ```
//! use buttress::violation::{InputPath, Violation, Violations};
//!
//! fn check_quantity(quantity: u32, at: &InputPath<'_>, out: &mut Violations) {
//!     if quantity == 0 {
//!         out.push(Violation::at(at, "range", "must be at least 1").with_param("min", 1));
//!     }
//! }
//!
//! let mut found = Violations::new();
//! check_quantity(7, &InputPath::body().member("quantity"), &mut found);
//! assert!(found.is_empty());
//! ```

mod input_path;
mod item;
mod list;
mod location;
mod pointer;

pub use self::input_path::InputPath;
pub use self::item::Violation;
pub use self::list::Violations;
pub use self::location::Location;
pub use self::pointer::JsonPointer;
