//! The draft of a petition collected in a conversation.

use crate::integrations::zalo::rules::ConversationStep;
use crate::kernel::text::lengths;
use serde::{Deserialize, Serialize};

/// An item of a numbered list of choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftChoice {
    /// Directory code.
    pub code: String,
    /// Label shown to the person.
    pub name: String,
}

/// A low score waiting for a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftRating {
    /// Petition code.
    pub code: String,
    pub score: i32,
}

/// A petition that has not been sent yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConversationDraft {
    /// Unique number of the draft, which makes filing idempotent.
    pub number: String,
    pub content: Option<String>,
    /// Exact location: latitude, longitude.
    pub point: Option<(f64, f64)>,
    pub area: Option<DraftChoice>,
    pub category: Option<DraftChoice>,
    /// Choices offered by the last question.
    pub choices: Vec<DraftChoice>,
    /// Ids of the stored photos.
    pub photos: Vec<String>,
    /// Whether the person has finished sending photos.
    pub has_all_photos: bool,
    pub full_name: Option<String>,
    pub phone: Option<String>,
    /// Whether the person declined to give a phone number.
    pub without_phone: bool,
    /// A low score waiting for a comment.
    pub rating: Option<DraftRating>,
}

impl ConversationDraft {
    /// Returns the next question; name and phone are asked only of people without an account, and only once.
    #[must_use]
    pub fn missing(&self, knows_name: bool, knows_phone: bool) -> ConversationStep {
        if self.content.is_none() {
            ConversationStep::Content
        } else if self.area.is_none() {
            ConversationStep::Place
        } else if self.category.is_none() {
            ConversationStep::Category
        } else if !self.has_all_photos {
            ConversationStep::Photo
        } else if self.full_name.is_none() && !knows_name {
            ConversationStep::Name
        } else if self.phone.is_none() && !self.without_phone && !knows_phone {
            ConversationStep::Phone
        } else {
            ConversationStep::Confirm
        }
    }

    /// Returns a title for the petition, its first sentence, because the person is not asked for one.
    #[must_use]
    pub fn title(&self) -> String {
        const MOST: usize = 80;
        let content = self.content.as_deref().unwrap_or_default();
        let line = content.lines().map(str::trim).find(|line| lengths(line).0 >= 5).unwrap_or(content);
        let sentence = line.split_inclusive(['.', '!', '?', ';']).next().map(|part| part.trim_end_matches(['.', ';']).trim());
        let sentence = sentence.filter(|part| lengths(part).0 >= 5).unwrap_or(line);
        if sentence.chars().count() <= MOST {
            return sentence.to_owned();
        }
        let mut title = String::new();
        for word in sentence.split_whitespace() {
            if title.chars().count() + word.chars().count() >= MOST {
                break;
            }
            if !title.is_empty() {
                title.push(' ');
            }
            title.push_str(word);
        }
        // A single overlong word has no place to break at.
        if title.is_empty() {
            title = sentence.chars().take(MOST - 1).collect();
        }
        format!("{title}…")
    }
}

#[cfg(test)]
mod tests {
    use super::ConversationDraft;

    #[test]
    fn the_first_sentence_is_the_title() {
        for (content, title) in [
            ("Rác thải tồn đọng ba ngày. Mùi hôi thối.", "Rác thải tồn đọng ba ngày"),
            ("Dạ.\nĐường ngập nước quá", "Đường ngập nước quá"),
            ("aaaaaaaaaaaa", "aaaaaaaaaaaa"),
        ] {
            let draft = ConversationDraft { content: Some(content.to_owned()), ..ConversationDraft::default() };
            assert_eq!(draft.title(), title);
        }
        for content in ["a".repeat(500), "rác ".repeat(100)] {
            let title = ConversationDraft { content: Some(content), ..ConversationDraft::default() }.title();
            assert!((5..=200).contains(&title.chars().count()) && title.ends_with('…'), "{title}");
        }
    }
}
