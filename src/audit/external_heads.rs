//! Parses heads kept in a file: lines of JSON as written by an anchor or `pakn audit heads`, a list, or a page of
//! the API.
//!
//! Rule: unreadable lines do not hide readable ones. A file written by several processes, or on a full disk, may
//! contain broken lines; these are reported, and all others are used.

use crate::audit::rules::head::AuditHead;
use serde_json::{Deserializer, Value};

/// The parsed content of a file.
#[derive(Debug, Default)]
pub struct ExternalHeads {
    /// The heads in file order; duplicates are kept.
    pub heads: Vec<AuditHead>,
    /// Descriptions of the lines without a head.
    pub faults: Vec<String>,
}

/// A value and the line on which it ends.
type LineValue = (usize, Value);

/// Parses the content of a file.
#[must_use]
pub fn read(text: &str) -> ExternalHeads {
    let mut kept = ExternalHeads::default();
    if let Some(values) = values(text) {
        kept.take(values);
        return kept;
    }
    // Not valid JSON as a whole, so each line is parsed by itself.
    for (before, line) in text.lines().enumerate() {
        match values(line) {
            Some(values) => kept.take(values.into_iter().map(|(_, value)| (before + 1, value)).collect()),
            None => kept.faults.push(format!("line {} holds no head", before + 1)),
        }
    }
    kept
}

/// Returns the JSON values of a text that contains nothing else; empty lines are ignored.
fn values(text: &str) -> Option<Vec<LineValue>> {
    let (mut values, mut line, mut counted) = (Vec::new(), 1, 0);
    let mut stream = Deserializer::from_str(text).into_iter::<Value>();
    while let Some(value) = stream.next() {
        let value = value.ok()?;
        let end = stream.byte_offset();
        line += text.get(counted..end).unwrap_or_default().matches('\n').count();
        counted = end;
        values.push((line, value));
    }
    Some(values)
}

impl ExternalHeads {
    fn take(&mut self, values: Vec<LineValue>) {
        for (line, value) in values {
            let items = match value {
                Value::Object(mut page) if page.contains_key("items") => page.remove("items").unwrap_or_default(),
                other => other,
            };
            match items {
                Value::Array(items) => items.into_iter().for_each(|item| self.take_one(line, item)),
                head => self.take_one(line, head),
            }
        }
    }

    fn take_one(&mut self, line: usize, value: Value) {
        match serde_json::from_value(value) {
            Ok(head) => self.heads.push(head),
            Err(_) => self.faults.push(format!("line {line} holds no head")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(period: &str) -> String {
        let rest = r#""made_at":"","streams":0,"entries":0,"streams_hash":"","previous_hash":"","key_id":"","public_key":"","hash":"","signature":"""#;
        format!(r#"{{"period":"{period}",{rest}}}"#)
    }

    #[test]
    fn heads_are_read_in_every_form_and_what_is_none_is_named_by_its_line() {
        let (one, two) = (head("1"), head("2"));
        let cases = [
            (format!("{one}\n{two}\n"), vec!["1", "2"], vec![]),
            (format!("{one}{two}"), vec!["1", "2"], vec![]),
            (format!("[{one},\n{two}]"), vec!["1", "2"], vec![]),
            (format!("{{\n\"items\": [{one}]\n}}\n{{\"items\": [{two}]}}\n"), vec!["1", "2"], vec![]),
            (format!("{one}\n\n{one}\n"), vec!["1", "1"], vec![]),
            (format!("xx{one}\n{two}\n"), vec!["2"], vec![1]),
            (format!("{one}\n{{\"period\": \"1\n\u{0}\n{two}\n"), vec!["1", "2"], vec![2, 3]),
            (format!("{one}\n7\n{{}}\n{two}"), vec!["1", "2"], vec![2, 3]),
            ("not json".to_owned(), vec![], vec![1]),
            ("\n[]\n".to_owned(), vec![], vec![]),
            (String::new(), vec![], vec![]),
        ];
        for (text, periods, lines) in cases {
            let kept = read(&text);
            assert_eq!(kept.heads.iter().map(|head| head.period.as_str()).collect::<Vec<_>>(), periods, "{text}");
            let faults: Vec<String> = lines.into_iter().map(|line: usize| format!("line {line} holds no head")).collect();
            assert_eq!(kept.faults, faults, "{text}");
        }
    }
}
