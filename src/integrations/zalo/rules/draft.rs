//! What is gathered of a petition while it is talked about.

use crate::integrations::zalo::rules::ConversationStep;
use crate::kernel::text::lengths;
use serde::{Deserialize, Serialize};

/// Something that can be chosen by its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftChoice {
    /// Code in the directory.
    pub code: String,
    /// What the person reads.
    pub name: String,
}

/// A low score that waits for its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftRating {
    /// Which petition.
    pub code: String,
    /// The score.
    pub score: i32,
}

/// A petition that is not sent yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConversationDraft {
    /// Tells this draft from every other, so that it is filed once however often that is tried.
    pub number: String,
    /// What it is about.
    pub content: Option<String>,
    /// Exact place.
    pub point: Option<(f64, f64)>,
    /// The commune.
    pub area: Option<DraftChoice>,
    /// The category.
    pub category: Option<DraftChoice>,
    /// What the last question gave to choose from.
    pub choices: Vec<DraftChoice>,
    /// Ids of the photos that were taken in.
    pub photos: Vec<String>,
    /// Whether there are no more photos.
    pub has_all_photos: bool,
    /// Name.
    pub full_name: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Whether the person does not want to give a phone.
    pub without_phone: bool,
    /// A low score that waits for its words.
    pub rating: Option<DraftRating>,
}

impl ConversationDraft {
    /// What has to be asked next; names and phones only of those who have no account and were never asked.
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

    /// The title of a petition whose petitioner was not asked for one: its first sentence.
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
        // One word without end has no place to break at.
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
