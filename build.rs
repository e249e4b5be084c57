//! Migrations are embedded by a macro that cargo does not know to depend on their files.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
