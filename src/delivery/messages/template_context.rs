//! The variables of a template for one event, read from the petition and its timeline.

use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::directory::Directory;
use crate::kernel::account::AccountChange;
use crate::kernel::ids::PetitionId;
use crate::kernel::{Instant, Lang};
use crate::petitions::duplicates;
use crate::petitions::rules::{Action, ReasonCode, RequestState, Status, guidance};
use crate::petitions::store::{PetitionRow, answers, state, texts, timeline};
use chrono::NaiveDate;
use serde::Serialize;

/// The variables a template may use; missing texts are empty or `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateContext {
    /// Name of the petitioner, if known.
    pub name: Option<String>,
    /// The name, or a generic form of address.
    pub salutation: String,
    pub code: String,
    pub title: String,
    /// The agency responsible after the event.
    pub agency: Option<String>,
    /// Time of the event, formatted for readers.
    pub at: String,
    /// The deadline after the event.
    pub due_at: String,
    /// Text an officer wrote for the petitioner.
    pub note: Option<String>,
    pub answer: Option<String>,
    /// The date promised in the answer.
    pub promised_on: Option<String>,
    /// What the petitioner of a rejected petition can do instead.
    pub guidance: Option<String>,
    /// The petition this one duplicates.
    pub into: Option<String>,
    /// Whether the answer may be rated.
    pub may_rate: bool,
    /// Whether reopening may be requested.
    pub may_reopen: bool,
    /// Days for replying to a question.
    pub reply_days: u32,
    /// Days for requesting reopening.
    pub reopen_days: u32,
    /// Minutes for which a password-reset link or code is valid.
    pub minutes: i64,
    /// URL of the petition.
    pub link: Option<String>,
    /// Name of the sender.
    pub sender: String,
}

impl TemplateContext {
    /// Removes every text written by a user, for unconfirmed addresses; applies whatever the template asks for.
    #[must_use]
    pub fn without_words(self, lang: Lang) -> Self {
        Self {
            name: None,
            salutation: address(None, lang),
            title: String::new(),
            note: None,
            answer: None,
            promised_on: None,
            guidance: None,
            into: None,
            ..self
        }
    }
}

fn address(name: Option<String>, lang: Lang) -> String {
    name.unwrap_or_else(|| lang.pick("ông/bà", "Sir or Madam").to_owned())
}

/// Inputs of a template context besides the database.
#[derive(Debug, Clone, Copy)]
pub struct TemplateInputs<'a> {
    pub directory: &'a Directory,
    /// Days for replying to a question.
    pub reply_days: u32,
    /// Days for requesting reopening.
    pub reopen_days: u32,
    /// Public base URL, without a trailing slash.
    pub public_url: Option<&'a str>,
    pub lang: Lang,
}

/// Returns the context for a timeline entry, together with its action.
pub fn facts(
    connection: &mut DbConnection,
    inputs: &TemplateInputs<'_>,
    (id, sequence): (PetitionId, i32),
    name: Option<String>,
) -> Result<(Action, TemplateContext), ServiceError> {
    let petition = state::find(connection, id)?.ok_or(StorageError::Missing)?;
    let entry = timeline::entry(connection, id, sequence)?;
    let detail: serde_json::Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    let word = |name: &str| detail.get(name).and_then(serde_json::Value::as_str);
    let lang = inputs.lang;
    let answer = answer(connection, inputs, &petition, (entry.action, word(duplicates::OUTCOME)))?;
    let agency = entry.agency_id.or(petition.agency_id).and_then(|id| inputs.directory.agency(id));
    let reason = match entry.action {
        Action::NoReply => Some(ReasonCode::NoReply),
        _ => word("reason_code").and_then(|code| code.parse().ok()),
    };
    let is_own = entry.action != Action::ShareAnswer;
    let into = match word("into") {
        Some(code) => Some(code.to_owned()),
        None if is_own => None,
        None => {
            petition.merged_into_id.map(|id| state::find(connection, id)).transpose()?.flatten().map(|original| original.code)
        }
    };
    let facts = TemplateContext {
        salutation: address(name.clone(), lang),
        name,
        title: texts::find(connection, id)?.title,
        agency: answer.as_ref().and_then(|answer| answer.agency.clone()).or_else(|| agency.map(|agency| agency.name.clone())),
        at: moment(entry.at, lang),
        due_at: moment(entry.due_at, lang),
        note: entry.note.filter(|_| entry.is_public && answer.is_none()),
        promised_on: answer.as_ref().and_then(|answer| answer.promised_on).map(|day| self::day(day, lang)),
        may_rate: is_own && petition.status == Status::Answered && answer.as_ref().is_some_and(|answer| !answer.is_rated),
        may_reopen: is_own && petition.reopening == RequestState::None,
        answer: answer.map(|answer| answer.content),
        guidance: reason
            .map(|reason| if is_own { guidance::of(reason, lang) } else { guidance::of_original(reason, lang) }.to_owned()),
        into,
        reply_days: inputs.reply_days,
        reopen_days: inputs.reopen_days,
        minutes: 0,
        link: inputs.public_url.map(|url| format!("{url}/petitions/{}", petition.code)),
        code: petition.code,
        sender: sender(lang),
    };
    Ok((entry.action, facts))
}

/// Returns the context of a password-reset e-mail, which contains nothing about a petition.
#[must_use]
pub fn reset_facts(name: Option<String>, link: String, (at, minutes): (Instant, i64), lang: Lang) -> TemplateContext {
    TemplateContext {
        salutation: address(name.clone(), lang),
        name,
        code: String::new(),
        title: String::new(),
        agency: None,
        at: moment(at, lang),
        due_at: String::new(),
        note: None,
        answer: None,
        promised_on: None,
        guidance: None,
        into: None,
        may_rate: false,
        may_reopen: false,
        reply_days: 0,
        reopen_days: 0,
        minutes,
        link: Some(link),
        sender: sender(lang),
    }
}

/// Returns the context of a message with a verification code.
#[must_use]
pub fn code_facts(name: Option<String>, code: String, at: (Instant, i64), lang: Lang) -> TemplateContext {
    TemplateContext { code, link: None, ..reset_facts(name, String::new(), at, lang) }
}

/// Returns the context of a message about a change of the account.
#[must_use]
pub fn change_facts(name: Option<String>, change: AccountChange, at: Instant, lang: Lang) -> TemplateContext {
    let what = match change {
        AccountChange::Phone => lang.pick("số điện thoại", "the phone"),
        AccountChange::Email => lang.pick("địa chỉ thư điện tử", "the e-mail address"),
        AccountChange::Password => lang.pick("mật khẩu", "the password"),
        AccountChange::SecondFactor => lang.pick("xác thực hai lớp", "the second factor"),
        AccountChange::Identity => lang.pick("danh tính liên kết để đăng nhập", "a linked identity"),
    };
    TemplateContext { note: Some(what.to_owned()), link: None, ..reset_facts(name, String::new(), (at, 0), lang) }
}

fn sender(lang: Lang) -> String {
    lang.pick("Hệ thống phản ánh, kiến nghị tỉnh Bắc Ninh", "Petitions of Bắc Ninh province").to_owned()
}

/// An answer: its text, the promised date, and the agency if it differs from the petition's own.
struct AnswerContext {
    content: String,
    promised_on: Option<NaiveDate>,
    agency: Option<String>,
    is_rated: bool,
}

/// The answer an event brings: of the petition itself, or of the one it duplicates.
fn answer(
    connection: &mut DbConnection,
    inputs: &TemplateInputs<'_>,
    petition: &PetitionRow,
    (action, ending): (Action, Option<&str>),
) -> Result<Option<AnswerContext>, ServiceError> {
    let is_answered = ending == Some(Status::Answered.as_str());
    match action {
        Action::Approve | Action::Submit => Ok(answers::sent(connection, petition.id)?.map(|sent| AnswerContext {
            content: sent.content,
            promised_on: sent.promised_on,
            agency: None,
            is_rated: sent.score.is_some(),
        })),
        // Older entries have no ending; those were answered.
        Action::ShareAnswer if is_answered || ending.is_none() => other_answer(connection, inputs, petition),
        Action::Merge if is_answered => other_answer(connection, inputs, petition),
        _ => Ok(None),
    }
}

fn other_answer(
    connection: &mut DbConnection,
    inputs: &TemplateInputs<'_>,
    petition: &PetitionRow,
) -> Result<Option<AnswerContext>, ServiceError> {
    let hidden = inputs.lang.pick("(Nội dung trả lời không được công khai.)", "(The words of this answer are not public.)");
    Ok(duplicates::answer(connection, inputs.directory, petition)?.map(|answer| AnswerContext {
        content: answer.content.unwrap_or_else(|| hidden.to_owned()),
        promised_on: answer.promised_on,
        agency: answer.agency.map(|agency| agency.name),
        is_rated: false,
    }))
}

/// Formats a timestamp for readers.
pub(super) fn moment(at: Instant, lang: Lang) -> String {
    at.local().format(lang.pick("%H:%M ngày %d/%m/%Y", "%H:%M on %-d %B %Y")).to_string()
}

/// Formats a date for readers.
pub(super) fn day(day: NaiveDate, lang: Lang) -> String {
    day.format(lang.pick("%d/%m/%Y", "%-d %B %Y")).to_string()
}
