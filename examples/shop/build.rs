//! The shop is built anew when a migration is added: Cargo does not know that a macro reads the folder.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
