//! One public path for each item.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The items that have more paths than one: what nearly every handler needs is at the root, and each module that a
/// reader would look into for it shows it, too.
const SEVERAL: [(&str, &[&str]); 3] =
    [("Json", &["", "extract", "respond"]), ("Payload", &["", "payload"]), ("State", &["", "extract"])];

/// The names that stand for different things in different modules.
const DIFFERENT: [&str; 1] = ["Location"];

/// A module that only a fuzzer's build has.
const FUZZING: &str = "sql::fuzzing";

/// The public names of a module, and its public modules, as its root file writes them.
fn public(text: &str) -> (Vec<String>, Vec<String>) {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let (mut names, mut modules) = (Vec::new(), Vec::new());
    let mut rest = text;
    while let Some(at) = rest.find("\npub ") {
        rest = &rest[at + "\npub ".len()..];
        let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        if let Some(path) = rest.strip_prefix("use ") {
            let path = path.split(';').next().unwrap();
            let (list, is_own) =
                (path.rsplit("::").next().unwrap(), path.starts_with("self") || path.starts_with("crate"));
            let list = path.split_once('{').map_or(list, |(_, list)| list.trim_end_matches('}'));
            names.extend(list.split(',').map(|name| word(name.trim())).filter(|name| is_own && !name.is_empty()));
        } else if let Some(module) = rest.strip_prefix("mod ") {
            modules.push(word(module));
        } else if let Some(item) = ["struct ", "enum ", "trait ", "type ", "fn ", "const fn ", "async fn ", "const "]
            .iter()
            .find_map(|kind| rest.strip_prefix(kind))
        {
            names.push(word(item));
        }
    }
    (names, modules)
}

fn collect(file: &Path, dir: &Path, path: &str, found: &mut BTreeMap<String, BTreeSet<String>>) {
    let (names, modules) = public(&format!("\n{}", fs::read_to_string(file).unwrap()));
    for name in names.into_iter().filter(|name| path != FUZZING && !DIFFERENT.contains(&name.as_str())) {
        found.entry(name).or_default().insert(path.to_owned());
    }
    for module in modules {
        let path = if path.is_empty() { module.clone() } else { format!("{path}::{module}") };
        let folder = dir.join(&module);
        let roots: [PathBuf; 2] = [folder.join("mod.rs"), dir.join(format!("{module}.rs"))];
        if let Some(file) = roots.iter().find(|file| file.exists()) {
            collect(file, &folder, &path, found);
        }
    }
}

#[test]
fn an_item_has_one_public_path() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    collect(&src.join("lib.rs"), &src, "", &mut found);
    assert!(found.len() > 150, "the check sees only {} names", found.len());
    let several: BTreeMap<_, _> =
        SEVERAL.iter().map(|(name, paths)| (*name, paths.iter().copied().collect::<BTreeSet<_>>())).collect();
    let broken: Vec<_> = found
        .iter()
        .filter(|(_, paths)| paths.len() > 1)
        .filter(|(name, paths)| several.get(name.as_str()) != Some(&paths.iter().map(String::as_str).collect()))
        .collect();
    assert!(broken.is_empty(), "these have several paths: {broken:#?}");
}

#[test]
fn the_check_sees_what_is_public() {
    let text =
        "\npub use self::a::{B, C};\npub(crate) use self::d::D;\npub use self::e::E;\npub mod f;\npub struct G;\n";
    assert_eq!(public(text), (["B", "C", "E", "G"].map(String::from).to_vec(), vec!["f".to_owned()]));
}
