//! What becomes public when an answer is sent: title, content and answer without personal data, a rounded place.
//!
//! Phone numbers, e-mail addresses and personal ids that people write into their texts are masked; who filed, and the
//! exact pin, never come near this table (Decree 356/2025, article 4).

use crate::domain::location::Location;
use crate::domain::search_text;
use crate::services::error::ServiceError;
use crate::services::petitions::step::Step;
use crate::storage::petitions::{AnswerRow, petitioners, texts};
use crate::storage::publications::{self, PublicationRow};

/// Digits in a row, separators not counted, from which a number may be a phone, a personal id or a tax code.
const SHORTEST_NUMBER: usize = 9;

/// Publishes the petition of a step with its answer.
///
/// # Errors
/// Only those of the database.
pub fn publish(step: &mut Step<'_>, answer: &AnswerRow) -> Result<(), ServiceError> {
    let text = texts::find(step.connection, step.petition.id)?;
    let place = petitioners::find(step.connection, step.petition.id)?;
    let place = match (place.latitude, place.longitude) {
        (Some(latitude), Some(longitude)) => Location::new(latitude, longitude).ok().map(Location::rounded_for_public),
        _ => None,
    };
    let (title, content) = (mask(&text.title), mask(&text.content));
    let row = PublicationRow {
        petition_id: step.petition.id,
        search_text: search_text::fold(&format!("{title} {content}")),
        title,
        content,
        answer: mask(&answer.content),
        outcome: answer.outcome.as_str().to_owned(),
        latitude: place.map(|place| place.latitude()),
        longitude: place.map(|place| place.longitude()),
        answered_at: step.now,
        published_at: step.now,
    };
    Ok(publications::publish(step.connection, &row)?)
}

/// Replaces what looks like a phone number, an id number or an e-mail address by `[…]`.
#[must_use]
pub fn mask(text: &str) -> String {
    let without_mail: Vec<String> = text
        .split_inclusive(char::is_whitespace)
        .map(|word| if looks_like_email(word) { masked_word(word) } else { word.to_owned() })
        .collect();
    mask_numbers(&without_mail.concat())
}

fn looks_like_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

fn masked_word(word: &str) -> String {
    let space: String = word.chars().filter(|c| c.is_whitespace()).collect();
    format!("[…]{space}")
}

fn mask_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for character in text.chars().chain(std::iter::once('\n')) {
        let continues = character.is_ascii_digit() || (!run.is_empty() && matches!(character, ' ' | '.' | '-'));
        if continues {
            run.push(character);
            continue;
        }
        flush(&mut out, &run);
        run.clear();
        out.push(character);
    }
    out.pop();
    out
}

fn flush(out: &mut String, run: &str) {
    let number = run.trim_end_matches([' ', '.', '-']);
    let rest = run.get(number.len()..).unwrap_or_default();
    let digits = number.chars().filter(char::is_ascii_digit).count();
    out.push_str(if digits >= SHORTEST_NUMBER { "[…]" } else { number });
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn phones_mails_and_ids_are_masked() {
        assert_eq!(mask("Gọi 0912.345.678 hoặc a@b.vn nhé."), "Gọi […] hoặc […] nhé.");
        assert_eq!(mask("CCCD 027090001234, ngõ 12"), "CCCD […], ngõ 12");
        assert_eq!(mask("Từ ngày 12.5 - 14.5, 3 lần\nrồi"), "Từ ngày 12.5 - 14.5, 3 lần\nrồi");
        assert_eq!(mask("(+84 912 345 678)"), "(+[…])");
    }
}
