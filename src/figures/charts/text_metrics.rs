//! Estimates text sizes: takes text and a font size; returns widths, shortened text and wrapped lines.
//!
//! The reader's font is unknown, so the widths of the widest common font are assumed; what fits with it fits with
//! any.

use unicode_normalization::UnicodeNormalization;

/// Normalises text for XML: composed characters (NFC), without characters that XML does not allow.
#[must_use]
pub fn clean(words: &str) -> String {
    words.nfc().filter(|letter| !letter.is_control() && !matches!(letter, '\u{FFFE}' | '\u{FFFF}')).collect()
}

/// Returns the maximum width of a text at a font size.
#[must_use]
pub fn width(words: &str, size: f64) -> f64 {
    words.nfc().map(em).sum::<f64>() * size
}

/// The width of a character in em; combining accents have no width.
fn em(letter: char) -> f64 {
    let base = std::iter::once(letter).nfd().next().unwrap_or(letter);
    match base {
        '\u{300}'..='\u{36F}' => 0.0,
        'i' | 'j' | 'l' | '\'' | '|' => 0.3,
        ' ' | '\u{A0}' | '.' | ',' | ':' | ';' | 'I' => 0.34,
        'f' | 't' | 'r' | '(' | ')' | '-' | '/' => 0.42,
        'm' | 'w' | 'M' | 'W' | '%' | '…' => 1.0,
        'A'..='Z' | 'Đ' | 'đ' => 0.76,
        'a'..='z' | '0'..='9' => 0.64,
        _ if base.is_ascii() || base == '–' => 0.84,
        _ => 1.0,
    }
}

/// Shortens text to a width, with an ellipsis.
#[must_use]
pub fn shortened(words: &str, size: f64, room: f64) -> String {
    let words = clean(words);
    if width(&words, size) <= room {
        return words;
    }
    let mut kept = String::new();
    let mut taken = width("…", size);
    for letter in words.chars() {
        taken += em(letter) * size;
        if taken > room {
            break;
        }
        kept.push(letter);
    }
    format!("{}…", kept.trim_end())
}

/// Wraps text to a width; a single word that is too long is shortened.
#[must_use]
pub fn lines(words: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let words = clean(words);
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(" ", size) + width(word, size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(shortened(word, size, room)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_take_no_room() {
        assert!((width("Tỷ lệ xử lý", 10.0) - width("Ty le xu ly", 10.0)).abs() < 1e-9);
        assert!((width("Ty\u{309}", 10.0) - width("Tỷ", 10.0)).abs() < 1e-9);
    }

    #[test]
    fn long_words_are_shortened_and_lines_broken() {
        let long = "Phòng Tài nguyên và Môi trường thị xã Thuận Thành";
        let short = shortened(long, 12.0, 120.0);
        assert!(short.ends_with('…') && width(&short, 12.0) <= 120.0 && long.starts_with(short.trim_end_matches('…')), "{short}");
        let lines = lines(long, 12.0, 120.0);
        assert!(lines.iter().all(|line| width(line, 12.0) <= 120.0));
        assert_eq!(lines.join(" "), long);
        assert_eq!(shortened("Sở Y tế", 12.0, 120.0), "Sở Y tế");
        assert_eq!(clean("a\u{0}b\u{1b}"), "ab");
    }
}
