//! The shop's `clippy.toml` refuses axum's extractors, which skip the rules of a payload.

use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = r#"
[package]
name = "unchecked"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
axum = { version = "0.8", default-features = false, features = ["form", "json", "query"] }
"#;

const HANDLERS: &str = "
pub async fn json(axum::Json(_): axum::Json<String>) {}
pub async fn form(axum::Form(_): axum::Form<String>) {}
pub async fn query(axum::extract::Query(_): axum::extract::Query<String>) {}
pub async fn path(axum::extract::Path(_): axum::extract::Path<String>) {}
pub async fn state(axum::extract::State(_): axum::extract::State<String>) {}
";

#[test]
fn an_extractor_that_skips_the_rules_is_refused() {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = package(shop).expect("a package can be written");
    let clippy = Command::new(env!("CARGO"))
        .args(["clippy", "--offline", "--quiet", "--message-format", "short", "--", "-D", "warnings"])
        .current_dir(&package)
        .env("CARGO_TARGET_DIR", package.join("target"))
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&clippy.stderr);

    assert!(!clippy.status.success(), "clippy passed: {said}");
    let refused: Vec<_> = said.lines().filter_map(|line| line.split_once("use of a disallowed type `")).collect();
    for (line, replacement) in [(2, "handler::Json"), (3, "extract::Form"), (4, "extract::Query"), (5, "extract::Path")]
    {
        let place = format!("src/lib.rs:{line}:");
        let found = refused.iter().any(|(before, _)| before.contains(&place));
        assert!(found, "nothing is said of line {line}, where buttress::{replacement} belongs: {said}");
    }
    assert_eq!(refused.len(), 4, "{said}");
}

#[test]
fn the_docs_offer_the_same_lines() {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR"));
    let settings = std::fs::read_to_string(shop.join("clippy.toml")).expect("the shop's settings");
    let docs = std::fs::read_to_string(shop.join("../../src/extract/mod.rs")).expect("the chapter about extractors");
    let docs: Vec<_> = docs.lines().filter_map(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let lines: Vec<_> = settings.lines().skip_while(|line| !line.starts_with("disallowed-types")).collect();
    assert!(lines.len() > 2, "{settings}");
    for line in lines {
        assert!(docs.contains(&line.trim()), "the docs lack {line}");
    }
}

/// A package whose handlers use axum's extractors by a hasty import, with the shop's clippy settings.
fn package(shop: &Path) -> std::io::Result<PathBuf> {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unchecked");
    std::fs::create_dir_all(package.join("src"))?;
    std::fs::write(package.join("Cargo.toml"), MANIFEST)?;
    std::fs::write(package.join("src/lib.rs"), HANDLERS)?;
    std::fs::copy(shop.join("clippy.toml"), package.join("clippy.toml"))?;
    // The versions that the workspace already has, so that no registry is asked.
    std::fs::copy(shop.join("../../Cargo.lock"), package.join("Cargo.lock"))?;
    Ok(package)
}
