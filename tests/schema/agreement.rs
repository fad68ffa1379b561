//! The JSON Schema of an input accepts nothing that the extractor refuses, and the schema of an output accepts whatever
//! the extractor has accepted, sanitised and written again. Every input that is an exception has a reason on the list.

use std::collections::BTreeMap;

use buttress::payload::{Payload, ValidationContext, read_json};
use buttress::schema::{Direction, json_schema};
use jsonschema::Validator;
use serde::Serialize;
use serde_json::Value;

use crate::generate::{Random, generate, mutate};
use crate::types::all;

/// A reason why the extractor may refuse an input that the JSON Schema accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exception {
    Function,
    MustMatch,
    Sanitised,
    Conversion,
    FirstVariant,
    Wide,
    Format,
    Fraction,
    Null,
}

impl Exception {
    const fn reason(self) -> &'static str {
        match self {
            Self::Function => "a function of the service decides",
            Self::MustMatch => "two members are compared",
            Self::Sanitised => "a text keeps its limit only until it is cleaned",
            Self::Conversion => "a conversion decides, or a type that describes nothing",
            Self::FirstVariant => "serde takes the first untagged variant whose types fit, and its rules decide",
            Self::Wide => "a number of 128 bits has no limit in the schema",
            Self::Format => "`format` is an annotation, and validators check it in their own ways",
            Self::Fraction => "JSON Schema calls 1.0 and 1e2 integers",
            Self::Null => "U+0000 is refused in every text",
        }
    }

    /// Whether it explains this refusal.
    fn explains(self, input: &str, codes: &[&str]) -> bool {
        let has = |known: &[&str]| codes.iter().any(|code| known.contains(code));
        match self {
            Self::Function => has(&["odd", "sum", "unlucky"]),
            Self::MustMatch => has(&["match"]),
            Self::Sanitised => has(&["length", "pattern", "email"]),
            Self::Conversion | Self::Wide => has(&["type"]),
            Self::FirstVariant => has(&["range", "length"]),
            Self::Format => has(&["type", "email", "url", "pattern"]),
            Self::Fraction => has(&["type"]) && input.contains(['.', 'e']),
            Self::Null => has(&["pattern"]) && input.contains("\\u0000"),
        }
    }
}

/// One type of the table.
pub(crate) struct Case {
    name: &'static str,
    exceptions: &'static [Exception],
    run: fn(&Case, &mut Findings),
}

impl Case {
    pub(crate) const fn of<T: Payload + Serialize>(name: &'static str, exceptions: &'static [Exception]) -> Self {
        Self { name, exceptions, run: run::<T> }
    }
}

#[derive(Default)]
pub(crate) struct Findings {
    exceptions: BTreeMap<Exception, (usize, String)>,
    errors: Vec<String>,
    accepted: usize,
    refused: usize,
    /// Inputs that the extractor accepts and the JSON Schema does not, such as `null` for a unit variant's content.
    stricter: usize,
}

const INPUTS: usize = 250;

fn validator(schema: &Value, checks_formats: bool) -> Validator {
    jsonschema::meta::validate(schema).expect("the document is a JSON Schema");
    jsonschema::draft202012::options()
        .should_validate_formats(checks_formats)
        .build(schema)
        .expect("the schema compiles")
}

impl Findings {
    /// Keeps the first errors of each type.
    fn error(&mut self, case: &Case, message: &str) {
        let name = format!("{}: ", case.name);
        if self.errors.iter().filter(|known| known.starts_with(&name)).count() < 3 {
            self.errors.push(name + message);
        }
    }
}

fn run<T: Payload + Serialize>(case: &Case, findings: &mut Findings) {
    let schema = json_schema::<T>(Direction::Inbound);
    let checks_formats = !case.exceptions.contains(&Exception::Format);
    let (input, output) = (validator(&schema, true), validator(&json_schema::<T>(Direction::Outbound), checks_formats));
    let mut random = Random::new(case.name);
    let before = (findings.accepted, findings.refused);
    for _ in 0..INPUTS {
        let mut value = generate(&schema, &schema, &mut random, 0);
        for _ in 0..3 {
            judge::<T>(case, &value, &input, &output, findings);
            mutate(&mut value, &mut random);
        }
    }
    let (accepted, refused) = (findings.accepted - before.0, findings.refused - before.1);
    if accepted < INPUTS / 10 {
        findings.error(case, &format!("only {accepted} inputs are accepted: {schema}"));
    }
    if refused == 0 && input.is_valid(&Value::from("x")) != input.is_valid(&Value::from(1)) {
        findings.error(case, "no input is refused");
    }
}

fn judge<T: Payload + Serialize>(
    case: &Case,
    value: &Value,
    input: &Validator,
    output: &Validator,
    findings: &mut Findings,
) {
    let text = value.to_string();
    let valid = input.is_valid(value);
    match read_json::<T>(text.as_bytes(), ValidationContext::new()) {
        Ok(read) => {
            findings.accepted += 1;
            findings.stricter += usize::from(!valid);
            let written = serde_json::to_string(&read).expect("it can be written");
            let written: Value = serde_json::from_str(&written).expect("it is JSON");
            if let Err(error) = output.validate(&written) {
                findings.error(case, &format!("{text} is written as {written}: {error}"));
            }
        }
        Err(problem) => {
            findings.refused += 1;
            if !valid {
                return;
            }
            let codes: Vec<&str> = problem.violations().iter().map(|found| found.code()).collect();
            let everywhere = [Exception::Fraction, Exception::Null];
            let mut exceptions = everywhere.iter().chain(case.exceptions);
            match exceptions.find(|exception| exception.explains(&text, &codes)) {
                Some(exception) => {
                    let entry = findings.exceptions.entry(*exception).or_default();
                    entry.0 += 1;
                    entry.1 = format!("{} {text}", case.name);
                }
                None => {
                    let found: Vec<String> = problem
                        .violations()
                        .iter()
                        .map(|found| format!("{} {} {}", found.location(), found.code(), found.message()))
                        .collect();
                    findings.error(case, &format!("the schema accepts {text}: {found:?}"));
                }
            }
        }
    }
}

#[test]
fn json_schema_and_extractor_agree_on_sixty_types() {
    let mut findings = Findings::default();
    let cases = all();
    assert!(cases.len() >= 60, "{}", cases.len());
    for case in &cases {
        (case.run)(case, &mut findings);
    }
    println!(
        "{} types: {} inputs accepted, {} refused, {} accepted though the schema is stricter",
        cases.len(),
        findings.accepted,
        findings.refused,
        findings.stricter
    );
    for (exception, (count, example)) in &findings.exceptions {
        println!("{count:5} × {}, such as {example}", exception.reason());
    }
    assert!(findings.errors.is_empty(), "{}", findings.errors.join("\n"));
}
