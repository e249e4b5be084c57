//! Converts serde error messages to a field and a rule of docs/contract.md §11.5.
//!
//! Serde reports errors as text; the matched prefixes are serde's own and have not changed in years. An unknown
//! message becomes "unreadable", so a change would only cost precision.

use crate::kernel::field_problem::{FieldProblem, FieldRule};

/// Returns the problem of the field at `path` (`.` for the whole) for serde's message.
pub(super) fn problem(path: &str, sentence: &str) -> FieldProblem {
    let path = if path == "." { "" } else { path };
    let quoted = || sentence.split('`').nth(1).unwrap_or_default();
    if sentence.starts_with("missing field") {
        FieldProblem::new(join(path, quoted()), FieldRule::Required)
    } else if sentence.starts_with("unknown field") {
        FieldProblem::new(join(path, quoted()), FieldRule::Unknown)
    } else if sentence.starts_with("duplicate field") {
        FieldProblem::new(join(path, quoted()), FieldRule::Duplicate)
    } else if sentence.starts_with("unknown variant") {
        // "unknown variant `x`, expected one of `a`, `b`": from the second quoted part on, each is a word.
        let words = sentence.split('`').skip(3).step_by(2).map(str::to_owned).collect();
        FieldProblem::new(path, FieldRule::OneOf(words))
    } else if ["invalid type", "invalid value", "invalid length"].iter().any(|beginning| sentence.starts_with(beginning)) {
        let wanted = sentence.split_once(", expected ").map_or("", |(_, wanted)| wanted);
        FieldProblem::new(path, wrong_type(wanted))
    } else {
        FieldProblem::new(path, FieldRule::Unreadable)
    }
}

/// Joins path and field, unless the path already ends with the field.
fn join(path: &str, field: &str) -> String {
    if path.is_empty() {
        field.to_owned()
    } else if field.is_empty() || path == field || path.strip_suffix(field).is_some_and(|before| before.ends_with('.')) {
        path.to_owned()
    } else {
        format!("{path}.{field}")
    }
}

fn wrong_type(wanted: &str) -> FieldRule {
    let name = match wanted.split(' ').next().unwrap_or_default() {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" | "isize" | "integer" | "newtype" => "integer",
        "f32" | "f64" | "number" => "number",
        "boolean" => "boolean",
        "struct" | "map" => "object",
        "sequence" | "tuple" => "array",
        "a" | "an" => return wrong_type(wanted.split_once(' ').map_or("", |(_, rest)| rest)),
        "string" | "variant" | "borrowed" | "str" | "RFC" | "formatted" => "string",
        _ => return FieldRule::Unreadable,
    };
    FieldRule::WrongType(name)
}
