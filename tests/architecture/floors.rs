//! Inside a large folder, the modules are floors: each uses its own floor and those below it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::{Line, code, report};

/// The floors of each large folder, the lowest first. Modules of one floor may use one another.
const FLOORS: [(&str, &[&[&str]]); 2] = [
    (
        "store",
        &[
            &["error", "pool_stats", "backoff", "work", "writer_guard"],
            &["retry", "options", "outcome", "deadline"],
            &["unit", "lazy_begin"],
            &["hook", "span"],
            &["session"],
            &["run"],
            &["handle"],
            &["memory"],
        ],
    ),
    (
        "sql",
        &[
            &["interrupt", "text", "cleanup"],
            &["span", "statement"],
            &["dialect", "classification", "query"],
            &["error"],
            &["source"],
            &["guard"],
            &["tx"],
            &["handle", "background"],
            &["pool"],
            &["migrate"],
            &["driver"],
            &["postgres", "mysql", "sqlite"],
            &["connect"],
            &["fuzzing"],
        ],
    ),
];

/// The names that the root of a folder re-exports, and the module that each is from.
fn exports(folder: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder).join("mod.rs");
    let text = fs::read_to_string(root).unwrap();
    let mut exports = BTreeMap::new();
    for statement in text.split(';').filter_map(|statement| statement.rsplit_once("use self::")).map(|(_, path)| path) {
        let Some((module, names)) = statement.split_once("::") else { continue };
        for name in names.trim_matches(['{', '}']).split(',') {
            let name = name.rsplit([' ', ':', '\n']).find(|word| !word.is_empty()).unwrap_or_default();
            exports.insert(name.to_owned(), module.trim().to_owned());
        }
    }
    exports
}

/// The module of its folder that a line names, for each path in it. `depth` is how many `super::` lead to the folder.
pub(super) fn named(text: &str, folder: &str, depth: usize) -> Vec<String> {
    let roots = [format!("crate::{folder}::"), "super::".repeat(depth)];
    let mut found = Vec::new();
    for root in roots.iter().filter(|root| !root.is_empty()) {
        for (at, _) in text.match_indices(root.as_str()) {
            let before = &text[..at];
            let goes_on = before.ends_with("::") || before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let rest = &text[at + root.len()..];
            if goes_on || rest.starts_with("super::") {
                continue;
            }
            let word = |s: &str| s.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
            match rest.strip_prefix('{') {
                Some(list) => found.extend(list.split(',').map(word).filter(|word| !word.is_empty())),
                None => found.push(word(rest)),
            }
        }
    }
    found
}

/// The module of the folder that a line is in, and how many `super::` lead from there to the folder.
fn place(line: &Line) -> Option<(String, usize)> {
    let parts: Vec<_> = line.file.components().skip(1).map(|part| part.as_os_str().to_str().unwrap()).collect();
    let (file, folders) = parts.split_last()?;
    let module = folders.first().copied().unwrap_or(file).trim_end_matches(".rs");
    let depth = folders.len() + usize::from(*file != "mod.rs");
    (module != "mod").then(|| (module.to_owned(), depth))
}

fn floor(floors: &[&[&str]], module: &str) -> Option<usize> {
    floors.iter().position(|floor| floor.contains(&module))
}

#[test]
fn arrows_inside_large_folders_point_down() {
    let code = code();
    let mut broken = Vec::new();
    for (folder, floors) in FLOORS {
        let exports = exports(folder);
        for line in code.iter().filter(|line| line.module == folder) {
            let Some((from, depth)) = place(line) else { continue };
            let Some(mine) = floor(floors, &from) else {
                broken.push((line, format!("{folder}::{from} is on no floor")));
                continue;
            };
            for name in named(&line.text, folder, depth) {
                let to = exports.get(&name).unwrap_or(&name);
                if !name.is_empty() && floor(floors, to).is_some_and(|theirs| theirs > mine) {
                    broken.push((line, format!("{folder}::{from} → {folder}::{to}: this arrow points up")));
                }
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", report(&broken));
}

#[test]
fn every_floor_has_its_modules() {
    for (folder, floors) in FLOORS {
        let modules: BTreeSet<_> =
            code().iter().filter(|line| line.module == folder).filter_map(place).map(|(m, _)| m).collect();
        for module in floors.iter().copied().flatten() {
            assert!(modules.contains(*module), "{folder}::{module} is a floor's, and not there");
        }
    }
}

#[test]
fn the_checks_see_what_they_look_for() {
    assert_eq!(named("use super::super::guard::Conn;", "sql", 2), ["guard"]);
    assert_eq!(named("use super::Conn; use crate::sql::{tx, pool};", "sql", 2), ["tx", "pool"]);
    assert_eq!(named("fn f(_: crate::sql::text::Text)", "sql", 1), ["text"]);
    assert!(named("use crate::store::Error; use super::a;", "sql", 2).is_empty());
    assert!(floor(FLOORS[1].1, "guard") < floor(FLOORS[1].1, "pool"));
}
