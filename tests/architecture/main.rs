//! The architecture, as invariants that are checked on the sources.
//!
//! The crate is four rings; arrows point down only. A module may only name modules below it in the crate. A violation
//! shows up here with its file and line; the fix is to move the shared noun down.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod floors;
mod paths;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules of each ring, the innermost first. In rings 0 and 2 the order counts: each module may use those before
/// it. In the other rings no module uses another one of its ring.
const RINGS: [&[&str]; 4] = [
    &[
        "telemetry",
        "json",
        "hex",
        "uuid_v7",
        "violation",
        "body",
        "problem",
        "handler",
        "time",
        "entity_tag",
        "request_id",
        "trace_context",
        "task",
    ],
    &["payload", "respond", "layer", "store"],
    &["page", "extract", "stack", "sql", "transaction", "outbox"],
    &["adapter", "guide"],
];

/// Frameworks that only one folder may name.
const FOREIGN: [(&str, &str); 1] = [("axum", "adapter")];

/// The most lines of code that a file may have, without tests and comments.
const LONGEST_FILE: usize = 300;

/// A line of a source file that is code, not a comment or a test.
struct Line {
    file: PathBuf,
    number: usize,
    module: String,
    text: String,
}

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The code of the crate, line by line. Inline tests end a file by convention.
fn code() -> Vec<Line> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.sort();
    files.iter().flat_map(|file| lines(&root, file)).collect()
}

fn lines(root: &Path, file: &Path) -> Vec<Line> {
    let relative = file.strip_prefix(root).unwrap();
    let module = relative.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    code.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//") && !line.trim().is_empty())
        .map(|(i, line)| Line { file: relative.into(), number: i + 1, module: module.clone(), text: line.to_owned() })
        .collect()
}

fn rank(module: &str) -> Option<(usize, usize)> {
    RINGS.iter().enumerate().find_map(|(ring, all)| all.iter().position(|m| *m == module).map(|place| (ring, place)))
}

/// Whether code in `from` may name `to`.
fn allowed(from: &str, to: &str) -> Result<(), &'static str> {
    if from == to || from == "lib" {
        return Ok(());
    }
    let (Some((ring, place)), Some((below, before))) = (rank(from), rank(to)) else {
        return Err("this module is in no ring: add it to the table, or use the full path of a re-export");
    };
    match () {
        () if below < ring => Ok(()),
        () if below > ring => Err("this arrow points up"),
        () if ring % 2 == 0 && before < place => Ok(()),
        () if ring % 2 == 0 => Err("this ring is ordered: this uses what stands after it"),
        () => Err("this arrow points sideways: move the shared noun down"),
    }
}

/// The first segments after `crate::` in a line, including `crate::{a, b}`.
fn named(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        if text[..at].ends_with('$') {
            continue; // a macro's path names the user's view of the crate
        }
        let rest = &text[at + "crate::".len()..];
        let word = |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        match rest.strip_prefix('{') {
            Some(list) => found.extend(list.split(',').map(|part| word(part.trim())).filter(|w| !w.is_empty())),
            None if rest[word(rest).len()..].starts_with('!') => {} // a macro, which has no module
            None => found.push(word(rest)),
        }
    }
    found
}

fn report(broken: &[(&Line, String)]) -> String {
    broken.iter().fold(String::new(), |mut all, (line, why)| {
        let _ = writeln!(all, "src/{}:{}: {why}\n    {}", line.file.display(), line.number, line.text.trim());
        all
    })
}

#[test]
fn arrows_point_down() {
    let code = code();
    let mut broken = Vec::new();
    for line in &code {
        for to in named(&line.text) {
            if let Err(why) = allowed(&line.module, &to) {
                broken.push((line, format!("{} → {to}: {why}", line.module)));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", report(&broken));
}

/// The code in the README is a part of a program that is built.
#[test]
fn the_readme_quotes_an_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (readme, example) = (root.join("README.md"), root.join("examples/readme.rs"));
    let (readme, example) = (fs::read_to_string(readme).unwrap(), fs::read_to_string(example).unwrap());
    let blocks: Vec<_> = readme.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        assert!(example.contains(block), "not in examples/readme.rs:\n{block}");
    }
}

#[test]
fn every_module_is_in_a_ring() {
    let modules: std::collections::BTreeSet<_> = code().into_iter().map(|line| line.module).collect();
    let strays: Vec<_> = modules.iter().filter(|m| *m != "lib" && rank(m).is_none()).collect();
    assert!(strays.is_empty(), "in no ring: {strays:?}");
}

#[test]
fn foreign_frameworks_are_named_in_one_place() {
    let code = code();
    let mut broken = Vec::new();
    for (foreign, home) in FOREIGN {
        let names = [format!("{foreign}::"), format!("{foreign}_core::"), format!("use {foreign};")];
        for line in code.iter().filter(|line| line.module != home) {
            if names
                .iter()
                .any(|name| line.text.match_indices(name).any(|(at, _)| !within_a_longer_path(&line.text, at)))
            {
                broken.push((line, format!("{foreign} is named outside {home}/")));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", report(&broken));
}

/// `adapter::axum::` is a module of this crate.
fn within_a_longer_path(text: &str, at: usize) -> bool {
    text[..at].ends_with("::") || text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

#[test]
fn features_are_decided_in_module_roots() {
    let code = code();
    let broken: Vec<_> = code
        .iter()
        .filter(|line| {
            line.text.contains("cfg(feature")
                || line.text.contains("cfg(any(feature")
                || line.text.contains("cfg(all(feature")
        })
        .filter(|line| line.module != "adapter" && !line.file.ends_with("mod.rs") && !line.file.ends_with("lib.rs"))
        .map(|line| (line, "a cfg below a mod.rs".to_owned()))
        .collect();
    assert!(broken.is_empty(), "\n{}", report(&broken));
}

#[test]
fn files_stay_small() {
    let code = code();
    let mut sizes = std::collections::BTreeMap::new();
    for line in &code {
        *sizes.entry(&line.file).or_insert(0_usize) += 1;
    }
    let long: Vec<_> = sizes.into_iter().filter(|(_, lines)| *lines > LONGEST_FILE).collect();
    assert!(long.is_empty(), "more than {LONGEST_FILE} lines of code: {long:?}");
}

#[test]
fn the_checks_see_what_they_look_for() {
    assert_eq!(named("use crate::{violation::At, problem};"), ["violation", "problem"]);
    assert_eq!(named("fn f(p: crate::problem::Problem) -> crate::body::Body"), ["problem", "body"]);
    assert!(named("$crate::adapter::x").is_empty() && named("crate::adapt_parts!(T);").is_empty());
    assert!(allowed("stack", "layer").is_ok() && allowed("handler", "problem").is_ok());
    assert!(allowed("layer", "stack").is_err(), "up");
    assert!(allowed("layer", "respond").is_err(), "sideways");
    assert!(allowed("problem", "handler").is_err(), "out of order");
    assert!(allowed("problem", "nowhere").is_err(), "unknown");
}
