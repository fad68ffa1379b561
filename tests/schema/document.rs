//! The document: names, directions, documentation, and what no schema can express.

use buttress::schema::{Direction, HasSchema, json_schema};
use buttress::{Payload, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A line of an order.
///
/// It may be changed until the order is paid.
#[derive(Serialize, Deserialize, Payload)]
#[payload(example = Line { sku: "A".into(), quantity: 1, note: None })]
struct Line {
    /// What is ordered.
    #[validate(length(min = 1, max = 64))]
    #[payload(example = "MUG-001")]
    sku: String,
    #[serde(default = "one")]
    #[validate(custom(function = is_available))]
    quantity: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, clippy::unnecessary_wraps)]
fn is_available(_: &u32) -> Result<(), buttress::payload::rule::ValidationError> {
    Ok(())
}

mod other {
    use super::*;

    #[derive(Serialize, Deserialize, Payload)]
    pub(super) struct Line {
        pub(super) length: f64,
    }
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = is_consistent))]
struct Order {
    lines: Vec<Line>,
    drawing: Option<other::Line>,
}

#[allow(clippy::unnecessary_wraps)]
fn is_consistent(_: &Order) -> Result<(), buttress::payload::rule::ValidationError> {
    Ok(())
}

#[test]
fn a_document_says_everything_about_an_input() {
    assert_eq!(
        json_schema::<Order>(Direction::Inbound),
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": "#/$defs/Order",
            "$defs": {
                "Order": {
                    "type": "object",
                    "properties": {
                        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
                        "drawing": {"anyOf": [{"$ref": "#/$defs/Line2"}, {"type": "null"}]},
                    },
                    "required": ["lines"],
                    "additionalProperties": false,
                    "$comment": "also checked: is_consistent",
                },
                "Line": {
                    "type": "object",
                    "description": "A line of an order.\n\nIt may be changed until the order is paid.",
                    "examples": [{"sku": "A", "quantity": 1}],
                    "properties": {
                        "sku": {
                            "type": "string", "minLength": 1, "maxLength": 64,
                            "description": "What is ordered.", "examples": ["MUG-001"],
                        },
                        "quantity": {
                            "type": "integer", "minimum": 0, "maximum": u32::MAX, "format": "uint32",
                            "default": 1, "$comment": "also checked: is_available",
                        },
                        "note": {"type": ["string", "null"]},
                    },
                    "required": ["sku"],
                },
                "Line2": {
                    "type": "object",
                    "properties": {"length": {"type": "number", "format": "double"}},
                    "required": ["length"],
                },
            },
        })
    );
}

#[test]
fn an_output_has_its_defaults_and_refuses_nothing() {
    let output = json_schema::<Order>(Direction::Outbound);
    let (order, line) = (&output["$defs"]["Order"], &output["$defs"]["Line"]);
    assert_eq!(order["required"], json!(["lines", "drawing"]));
    assert_eq!(order["additionalProperties"], Value::Null);
    assert_eq!(line["required"], json!(["sku", "quantity"]));
    assert_eq!(line["properties"]["quantity"]["default"], Value::Null);
}

/// A type that is only written, with a lifetime, a parameter and a foreign part.
#[derive(Serialize, Schema)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct Answer<'a, T> {
    the_text: &'a str,
    the_items: Vec<T>,
    #[schema(leaf)]
    the_leaf: Foreign,
    #[serde(skip_serializing)]
    the_secret: Secret,
    #[serde(rename(serialize = "out", deserialize = "in"))]
    renamed: Option<u8>,
}

#[derive(Serialize)]
#[allow(dead_code)]
struct Foreign;

#[allow(dead_code)]
struct Secret;

#[test]
fn a_type_may_be_only_written() {
    let output = json_schema::<Answer<'_, Color>>(Direction::Outbound);
    assert_eq!(output["$ref"], "#/$defs/Answer_Color");
    let answer = &output["$defs"]["Answer_Color"];
    assert_eq!(answer["required"], json!(["theText", "theItems", "theLeaf", "out"]));
    assert_eq!(answer["properties"]["theLeaf"], json!({}));
    assert_eq!(answer["properties"]["theItems"]["items"], json!({"$ref": "#/$defs/Color"}));
    assert_eq!(output["$defs"]["Color"], json!({"type": "string", "enum": ["RED", "BLUE"]}));
}

#[derive(Serialize, Schema)]
#[serde(rename_all = "UPPERCASE")]
#[allow(dead_code)]
enum Color {
    Red,
    Blue,
}

#[derive(Deserialize, Payload)]
#[allow(dead_code)]
struct Nest(Vec<Nest>);

#[test]
fn a_list_of_itself_ends() {
    let document = json_schema::<Nest>(Direction::Inbound);
    assert_eq!(document["$defs"]["Nest"], json!({"type": "array", "items": {"$ref": "#/$defs/Nest"}}));
    assert_eq!(Nest::schema().type_name(), Some("schema::document::Nest"));
    // A violation makes the walk ask whether the type forgets names, which must end as well.
    let problem = buttress::payload::read_json::<Nest>(b"[[1]]", buttress::payload::ValidationContext::new());
    assert_eq!(problem.err().unwrap().status(), 422);
}
