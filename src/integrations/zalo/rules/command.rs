//! Commands valid at any step of a conversation, with or without accents and capitals.

use crate::kernel::search_text::fold;

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatCommand {
    /// Starts a petition.
    Begin,
    /// Drops the draft.
    Cancel,
    /// Drops the draft and starts a new one.
    Restart,
    /// Skips the current question, or ends the list of photos.
    Skip,
    Help,
    Send,
    /// Answers the agency's question.
    Answer(String),
    /// Shows the petition with this code.
    LookUp(String),
    /// Lists the person's petitions.
    Mine,
}

/// Synonyms, accents removed, and their command.
const WORDS: &[(&[&str], ChatCommand)] = &[
    (&["phan anh", "gui phan anh", "tao phan anh", "bat dau", "kien nghi", "gop y"], ChatCommand::Begin),
    (&["huy", "huy bo", "thoi", "dung", "thoat"], ChatCommand::Cancel),
    (&["lam lai", "bat dau lai", "viet lai"], ChatCommand::Restart),
    (&["bo qua", "khong co", "xong", "tiep", "tiep tuc"], ChatCommand::Skip),
    (&["tro giup", "giup", "help", "huong dan", "menu"], ChatCommand::Help),
    (&["gui", "gui di", "dong y", "xac nhan", "ok"], ChatCommand::Send),
    (&["ho so cua toi", "phan anh cua toi", "cua toi", "tra cuu"], ChatCommand::Mine),
];

/// Returns the command if the whole message is one.
#[must_use]
pub fn read(message: &str) -> Option<ChatCommand> {
    let folded = fold(message);
    let folded = folded.trim_matches(|letter: char| !letter.is_alphanumeric());
    if let Some((_, command)) = WORDS.iter().find(|(words, _)| words.contains(&folded)) {
        return Some(command.clone());
    }
    if let Some(words) = answer(message) {
        return Some(ChatCommand::Answer(words.to_owned()));
    }
    let code = folded.strip_prefix("tra cuu ").map(str::trim).filter(|code| code.len() <= 40)?;
    Some(ChatCommand::LookUp(code.to_owned()))
}

/// The text after `trả lời`, as written.
fn answer(message: &str) -> Option<&str> {
    let (first, rest) = message.trim().split_once(char::is_whitespace)?;
    let (second, rest) = rest.trim_start().split_once(char::is_whitespace)?;
    let words = rest.trim_matches(|letter: char| letter.is_whitespace() || letter == ':');
    let is_answer = fold(first) == "tra" && fold(second).trim_end_matches(':') == "loi";
    Some(words).filter(|words| is_answer && !words.is_empty())
}

/// Returns the number if the message is one of at most two digits.
#[must_use]
pub fn digit(message: &str) -> Option<usize> {
    let text = message.trim().trim_end_matches(['.', ')', '*', '★', '⭐']);
    if text.len() > 2 { None } else { text.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_capitals_do_not_matter() {
        for (message, command) in [
            ("Huỷ", ChatCommand::Cancel),
            ("hủy.", ChatCommand::Cancel),
            ("HUY", ChatCommand::Cancel),
            ("làm lại", ChatCommand::Restart),
            (" Lam  lai ", ChatCommand::Restart),
            ("Bỏ qua", ChatCommand::Skip),
            ("trợ giúp", ChatCommand::Help),
            ("Gửi!", ChatCommand::Send),
            ("Hồ sơ của tôi", ChatCommand::Mine),
            ("Trả lời:  Ở đầu ngõ 5", ChatCommand::Answer("Ở đầu ngõ 5".to_owned())),
            ("Tra cứu BN26-7K3QX9-C", ChatCommand::LookUp("bn26-7k3qx9-c".to_owned())),
        ] {
            assert_eq!(read(message), Some(command), "{message}");
        }
        assert_eq!(read("Xin hủy hợp đồng rác giúp tôi"), None);
        assert_eq!((digit("3"), digit(" 12. "), digit("123"), digit("năm")), (Some(3), Some(12), None, None));
    }
}
