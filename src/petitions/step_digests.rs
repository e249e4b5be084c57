//! What an entry of the timeline covers: the rows that the step left behind, and what people wrote.
//!
//! Rule: names stay what they are, because entries refer to them for ever. `ops::verify` compares by these names.

use crate::db::service_error::ServiceError;
use crate::kernel::ids::AccountId;
use crate::kernel::record_digest::{FieldHasher, RecordDigests, SALT_BYTES};
use crate::petitions::rules::Audience;
use crate::petitions::store::documents::DocumentRow;
use crate::petitions::store::record_digests::RelatedRows;
use crate::petitions::store::{AnswerRow, DeadlineRow, PetitionerRow, RequestRow, TextRow};

/// The fact of the petition itself.
pub const PETITION: &str = "petition";
/// The fact of its deadline.
pub const DEADLINE: &str = "deadline";
/// Whether the petitioner hides from the handling agency.
pub const HIDES: &str = "hides";
/// Who is told of the entry in the application.
pub const TOLD: &str = "told";
/// The ids of its files.
pub const FILES: &str = "files";
/// The title.
pub const TITLE: &str = "title";
/// The content.
pub const CONTENT: &str = "content";
/// Who filed it.
pub const PERSON: &str = "person";
/// The account of who filed it.
pub const ACCOUNT: &str = "account";

/// The name of a line in a register, by its row number.
#[must_use]
pub fn document(row: &DocumentRow) -> String {
    format!("document/{}", row.id)
}

/// The names of the fact, the content and the comment of an answer, by its place among those of the petition.
#[must_use]
pub fn answer(place: usize) -> [String; 3] {
    [format!("answer/{place}"), format!("answer/{place}/content"), format!("answer/{place}/comment")]
}

/// The names of the fact and the reason of a request, by its place among those of the petition.
#[must_use]
pub fn request(place: usize) -> [String; 2] {
    [format!("request/{place}"), format!("request/{place}/reason")]
}

/// The name of a file, by its id.
#[must_use]
pub fn file(id: &str) -> String {
    format!("file/{id}")
}

/// The fact of the ids of files, in the order in which they were joined.
#[must_use]
pub fn files<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    ids.into_iter().fold(FieldHasher::of("files"), FieldHasher::text).finish()
}

/// The fact of who is told.
#[must_use]
pub fn told(audiences: &[Audience]) -> String {
    let mut names: Vec<&str> = audiences.iter().map(|audience| audience.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().fold(FieldHasher::of("told"), FieldHasher::text).finish()
}

/// Collects imprints, each text behind a salt of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepDigests(pub RecordDigests);

impl StepDigests {
    /// Covers a text.
    pub fn text(&mut self, name: impl Into<String>, text: &str) {
        let salt: [u8; SALT_BYTES] = rand::random();
        self.0.text(name, salt, text);
    }

    /// Covers what was filed: the words and who wrote them.
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

    /// Covers who is told of the entry.
    pub fn told(&mut self, audiences: &[Audience]) {
        self.0.fact(TOLD, told(audiences));
    }

    /// Covers which files there are.
    pub fn file_ids<'a>(&mut self, ids: impl IntoIterator<Item = &'a str>) {
        let mut ids = ids.into_iter().peekable();
        if ids.peek().is_some() {
            self.0.fact(FILES, files(ids));
        }
    }

    /// Covers the deadline and whether the petitioner hides.
    pub fn deadline(&mut self, deadline: &DeadlineRow, hides: bool) {
        self.0.fact(DEADLINE, deadline.fact());
        self.0.fact(HIDES, hides.to_string());
    }

    /// Covers everything that hangs on the petition.
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

    /// Covers answers in their order.
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

    /// Covers a line in a register.
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
