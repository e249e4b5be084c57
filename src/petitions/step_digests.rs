//! What a timeline entry covers: hashes of the rows the step left behind and salted hashes of texts written by people.
//!
//! The names must never change, because stored entries refer to them; `ops::verify` compares by name.

use crate::db::service_error::ServiceError;
use crate::kernel::ids::AccountId;
use crate::kernel::record_digest::{FieldHasher, RecordDigests, SALT_BYTES};
use crate::petitions::rules::Audience;
use crate::petitions::store::documents::DocumentRow;
use crate::petitions::store::record_digests::RelatedRows;
use crate::petitions::store::{AnswerRow, DeadlineRow, PetitionerRow, RequestRow, TextRow};

/// Name of the fact of the petition row.
pub const PETITION: &str = "petition";
/// Name of the fact of the deadline row.
pub const DEADLINE: &str = "deadline";
/// Name of the fact whether the petitioner hides from the handling agency.
pub const HIDES: &str = "hides";
/// Name of the fact who is notified of the entry.
pub const TOLD: &str = "told";
/// Name of the fact of the attachment ids.
pub const FILES: &str = "files";
pub const TITLE: &str = "title";
pub const CONTENT: &str = "content";
/// Name of the petitioner's data.
pub const PERSON: &str = "person";
/// Name of the petitioner's account.
pub const ACCOUNT: &str = "account";

/// Returns the name of a register line, by row number.
#[must_use]
pub fn document(row: &DocumentRow) -> String {
    format!("document/{}", row.id)
}

/// Returns the names of fact, content and comment of an answer, by its position among those of the petition.
#[must_use]
pub fn answer(place: usize) -> [String; 3] {
    [format!("answer/{place}"), format!("answer/{place}/content"), format!("answer/{place}/comment")]
}

/// Returns the names of fact and reason of a request, by its position among those of the petition.
#[must_use]
pub fn request(place: usize) -> [String; 2] {
    [format!("request/{place}"), format!("request/{place}/reason")]
}

/// Returns the name of an attachment, by id.
#[must_use]
pub fn file(id: &str) -> String {
    format!("file/{id}")
}

/// Returns the fact of attachment ids, in the order they were attached.
#[must_use]
pub fn files<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    ids.into_iter().fold(FieldHasher::of("files"), FieldHasher::text).finish()
}

/// Returns the fact of the notified audiences.
#[must_use]
pub fn told(audiences: &[Audience]) -> String {
    let mut names: Vec<&str> = audiences.iter().map(|audience| audience.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().fold(FieldHasher::of("told"), FieldHasher::text).finish()
}

/// Collects facts and hashes of texts, each text with its own salt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepDigests(pub RecordDigests);

impl StepDigests {
    /// Adds a text.
    pub fn text(&mut self, name: impl Into<String>, text: &str) {
        let salt: [u8; SALT_BYTES] = rand::random();
        self.0.text(name, salt, text);
    }

    /// Adds what was filed: title, content and petitioner.
    ///
    /// # Errors
    /// Never in practice.
    pub fn filed(&mut self, text: &TextRow, petitioner: &PetitionerRow, account: Option<AccountId>) -> Result<(), ServiceError> {
        self.text(TITLE, &text.title);
        self.text(CONTENT, &text.content);
        self.text(PERSON, &petitioner.told()?);
        if let Some(account) = account {
            self.text(ACCOUNT, &account.to_string());
        }
        Ok(())
    }

    /// Adds the notified audiences.
    pub fn told(&mut self, audiences: &[Audience]) {
        self.0.fact(TOLD, told(audiences));
    }

    /// Adds the list of attachment ids.
    pub fn file_ids<'a>(&mut self, ids: impl IntoIterator<Item = &'a str>) {
        let mut ids = ids.into_iter().peekable();
        if ids.peek().is_some() {
            self.0.fact(FILES, files(ids));
        }
    }

    /// Adds the deadline and whether the petitioner hides.
    pub fn deadline(&mut self, deadline: &DeadlineRow, hides: bool) {
        self.0.fact(DEADLINE, deadline.fact());
        self.0.fact(HIDES, hides.to_string());
    }

    /// Adds all related rows of the petition.
    pub fn beside(&mut self, beside: &RelatedRows) {
        if let Some((deadline, hides)) = beside.deadline.as_ref().zip(beside.hides) {
            self.deadline(deadline, hides);
        }
        self.answers(&beside.answers);
        self.requests(&beside.requests);
        self.file_ids(beside.files.iter().map(|row| row.id.as_str()));
        for row in &beside.files {
            self.0.fact(file(&row.id), row.fact());
        }
    }

    /// Adds answers in their order.
    pub fn answers(&mut self, answers: &[AnswerRow]) {
        for (place, row) in answers.iter().enumerate() {
            let [fact, content, comment] = answer(place + 1);
            self.0.fact(fact, row.fact());
            self.text(content, &row.content);
            if let Some(words) = &row.comment {
                self.text(comment, words);
            }
        }
    }

    /// Adds a register line.
    pub fn document(&mut self, row: &DocumentRow) {
        self.0.fact(document(row), row.fact());
    }

    fn requests(&mut self, requests: &[RequestRow]) {
        for (place, row) in requests.iter().enumerate() {
            let [fact, reason] = request(place + 1);
            self.0.fact(fact, row.fact());
            self.text(reason, &row.reason);
        }
    }
}
