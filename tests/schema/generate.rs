//! Inputs: generated from a JSON Schema, then changed at random, from a fixed seed.

use serde_json::{Map, Value, json};

/// A small generator of random numbers (xorshift64*).
pub(crate) struct Random(u64);

impl Random {
    /// The seed is the name, so that a new type changes the inputs of no other.
    pub(crate) fn new(name: &str) -> Self {
        Self(
            name.bytes().fold(0x9e37_79b9_7f4a_7c15, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3) | 1
            }),
        )
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next()).unwrap() % limit.max(1)
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

const DEEP: usize = 5;

/// A value that the schema accepts, as far as its keywords tell how to make one.
pub(crate) fn generate(schema: &Value, root: &Value, random: &mut Random, depth: usize) -> Value {
    if let Some(examples) = schema["examples"].as_array()
        && (!["$ref", "properties"].iter().any(|keyword| schema.get(keyword).is_some()) || random.chance(2))
    {
        return random.pick(examples).clone();
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).expect("the reference leads somewhere");
        return generate(target, root, random, depth + 1);
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(values) = schema["enum"].as_array() {
        return random.pick(values).clone();
    }
    for keyword in ["oneOf", "anyOf"] {
        if let Some(forms) = schema[keyword].as_array().filter(|_| schema.get("type").is_none()) {
            let form = if depth > DEEP { forms.last().unwrap() } else { random.pick(forms) };
            return generate(form, root, random, depth + 1);
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec!["null", "boolean", "integer", "string"],
    };
    let kind = if depth > DEEP { kinds.last().unwrap() } else { random.pick(&kinds) };
    match *kind {
        "boolean" => random.chance(2).into(),
        "integer" => integer(schema, random),
        "number" => number(schema, random),
        "string" => string(schema, random),
        "array" => array(schema, root, random, depth),
        "object" => object(schema, root, random, depth),
        _ => Value::Null,
    }
}

fn integer(schema: &Value, random: &mut Random) -> Value {
    let limit = |keyword: &str| schema[keyword].as_i64().map(i128::from).or(schema[keyword].as_u64().map(i128::from));
    let min = limit("exclusiveMinimum").map(|min| min + 1).or(limit("minimum")).unwrap_or(-1000);
    let max = limit("exclusiveMaximum").map(|max| max - 1).or(limit("maximum")).unwrap_or(1000);
    let number = match random.below(4) {
        0 => min,
        1 => max,
        _ => min + i128::from(random.next()) % (max - min + 1).max(1),
    };
    i64::try_from(number).map_or_else(|_| u64::try_from(number).unwrap_or_default().into(), Value::from)
}

fn number(schema: &Value, random: &mut Random) -> Value {
    let min = schema["minimum"].as_f64().or(schema["exclusiveMinimum"].as_f64()).unwrap_or(-1e3);
    let max = schema["maximum"].as_f64().or(schema["exclusiveMaximum"].as_f64()).unwrap_or(1e3);
    match random.below(4) {
        0 => json!(min),
        1 => json!(max),
        _ => {
            #[allow(clippy::cast_precision_loss)]
            let part = random.below(1000) as f64 / 1000.0;
            json!(min / 2.0 * (1.0 - part) + max / 2.0 * part)
        }
    }
}

fn string(schema: &Value, random: &mut Random) -> Value {
    const LETTERS: [char; 8] = ['a', 'B', '7', ' ', 'é', '\n', '\u{1f600}', '-'];
    match schema["format"].as_str() {
        Some("date-time") => return "2026-11-22T15:04:05.123Z".into(),
        Some("email") => return "ann@example.org".into(),
        Some("uri") => return "https://example.org/a".into(),
        Some("ipv4") => return "192.0.2.1".into(),
        Some("ipv6") => return "2001:db8::1".into(),
        _ => {}
    }
    if schema["anyOf"].is_array() {
        return "192.0.2.7".into();
    }
    let limit = |keyword: &str| schema[keyword].as_u64().map(|limit| usize::try_from(limit).unwrap());
    let min = limit("minLength").unwrap_or(0);
    let max = limit("maxLength").unwrap_or(min + 6);
    let length = min + random.below(max - min + 1);
    (0..length).map(|_| *random.pick(&LETTERS)).collect::<String>().into()
}

fn array(schema: &Value, root: &Value, random: &mut Random, depth: usize) -> Value {
    if let Some(items) = schema["prefixItems"].as_array() {
        return items.iter().map(|item| generate(item, root, random, depth + 1)).collect();
    }
    let min = usize::try_from(schema["minItems"].as_u64().unwrap_or(0)).unwrap();
    let max = schema["maxItems"].as_u64().map_or(min + 3, |max| usize::try_from(max).unwrap());
    let length = if depth > DEEP { min } else { min + random.below(max - min + 1) };
    let mut items: Vec<Value> = Vec::new();
    for _ in 0..length * 3 {
        let item = generate(&schema["items"], root, random, depth + 1);
        if items.len() < length && !(schema["uniqueItems"] == true && items.contains(&item)) {
            items.push(item);
        }
    }
    items.into()
}

fn object(schema: &Value, root: &Value, random: &mut Random, depth: usize) -> Value {
    let mut out = Map::new();
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        if required.contains(&name.as_str()) || (depth <= DEEP && random.chance(2)) {
            out.insert(name.clone(), generate(member, root, random, depth + 1));
        }
    }
    if let Some(rest @ Value::Object(_)) = schema.get("additionalProperties") {
        let min = usize::try_from(schema["minProperties"].as_u64().unwrap_or(0)).unwrap();
        for number in 0..min.max(random.below(3)) {
            let name = match &schema["propertyNames"]["pattern"] {
                Value::Null => required.get(number).map_or_else(|| format!("k{number}"), |name| (*name).to_owned()),
                _ => number.to_string(),
            };
            let value = generate(rest, root, random, depth + 1);
            out.entry(name).or_insert(value);
        }
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        choose(part, &schema["properties"], root, random, depth, &mut out);
    }
    out.into()
}

/// Applies a condition on an object as a whole: one of several names, or the members of another object.
fn choose(
    part: &Value,
    properties: &Value,
    root: &Value,
    random: &mut Random,
    depth: usize,
    out: &mut Map<String, Value>,
) {
    let forms = part["oneOf"].as_array().filter(|forms| forms[0].as_object().is_some_and(|form| form.len() == 1));
    let names: Vec<&str> = forms.into_iter().flatten().filter_map(|form| form["required"][0].as_str()).collect();
    let Some(kept) = (!names.is_empty()).then(|| *random.pick(&names)) else {
        if let Value::Object(members) = generate(part, root, random, depth + 1) {
            out.extend(members);
        }
        return;
    };
    names.iter().for_each(|name| drop(out.remove(*name)));
    out.insert(kept.to_owned(), generate(&properties[kept], root, random, depth + 1));
}

/// Changes one part of a value.
pub(crate) fn mutate(value: &mut Value, random: &mut Random) {
    match value {
        Value::Object(members) if !members.is_empty() && !random.chance(8) => {
            let name = members.keys().nth(random.below(members.len())).unwrap().clone();
            match random.below(6) {
                0 => drop(members.remove(&name)),
                1 => drop(members.insert("surplus".to_owned(), any(random))),
                _ => mutate(&mut members[&name], random),
            }
        }
        Value::Array(items) if !items.is_empty() && !random.chance(8) => {
            let place = random.below(items.len());
            match random.below(6) {
                0 => drop(items.remove(place)),
                1 => {
                    let item = items[place].clone();
                    items.push(item);
                }
                _ => mutate(&mut items[place], random),
            }
        }
        Value::String(text) if random.chance(2) => match random.below(3) {
            0 => text.push_str("  "),
            1 => drop(text.pop()),
            _ => text.push(*random.pick(&['x', 'É', '\u{0}', '\u{7f}', '9'])),
        },
        Value::Number(number) if random.chance(2) => {
            let step = if random.chance(2) { 1 } else { -1 };
            let moved = number.as_i64().and_then(|number| number.checked_add(step));
            *value = moved.map_or_else(|| json!(0.5), Value::from);
        }
        value => *value = any(random),
    }
}

fn any(random: &mut Random) -> Value {
    let values = [
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(1.0),
        json!(1.5),
        json!(256),
        json!(70_000),
        json!(5_000_000_000_u64),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!(" "),
        json!("x"),
        json!("\u{0}"),
        json!("card"),
        json!([]),
        json!([1, 1]),
        json!({}),
        json!({"id": 1}),
    ];
    random.pick(&values).clone()
}
