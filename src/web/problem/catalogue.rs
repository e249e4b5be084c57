//! Generates the catalogue of all error codes from the code tables; committed as `api-spec/errors.md`.

use super::HttpErrorCode;
use super::status_of;
use crate::kernel::Lang;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use std::fmt::Write;

/// Returns the catalogue as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(
        "# Error codes\n\n\
         Generated from the program; do not edit. Every error is `application/problem+json` (RFC 9457) with `type`, `title`, `status`,\n\
         `detail`, `code`, `request_id` and, for bad input, `errors: [{field, code, message}]`. Programs decide by `code` alone: codes\n\
         are stable, sentences are not. Texts are Vietnamese, or English with `Accept-Language: en`.\n\n\
         ## Codes of problems\n\n| status | code | Tiếng Việt | English |\n|---|---|---|---|\n",
    );
    let faults =
        HttpErrorCode::ALL.iter().map(|fault| (fault.status(), fault.code(), fault.detail(Lang::Vi), fault.detail(Lang::En)));
    let refusals = ErrorCode::ALL.iter().map(|error_code| {
        (status_of(error_code.kind()), error_code.code(), error_code.detail(Lang::Vi), error_code.detail(Lang::En))
    });
    let mut rows: Vec<_> = faults.chain(refusals).collect();
    rows.sort_by_key(|(status, code, ..)| (status.as_u16(), *code));
    for (status, code, vi, en) in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | `{code}` | {vi} | {en} |", status.as_u16());
    }
    text.push_str("\n## Codes of fields\n\nIn `errors` of a 422 (`invalid_values`) and of a 400 about a header.\n\n");
    text.push_str("| code | Tiếng Việt | English |\n|---|---|---|\n");
    let mut rules = FieldRule::examples();
    rules.sort_by_key(FieldRule::code);
    for rule in rules {
        let _ = writeln!(text, "| `{}` | {} | {} |", rule.code(), rule.message(Lang::Vi), rule.message(Lang::En));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_one_meaning() {
        let codes: Vec<_> =
            HttpErrorCode::ALL.iter().map(|fault| fault.code()).chain(ErrorCode::ALL.iter().map(|one| one.code())).collect();
        let distinct: BTreeSet<_> = codes.iter().collect();
        assert_eq!(distinct.len(), codes.len());
        assert!(codes.iter().all(|code| code.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')));
    }
}
