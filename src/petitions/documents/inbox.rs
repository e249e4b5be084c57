//! The inbox of an officer's agency: its documents by deadline.

use super::read::agency_name;
use crate::accounts::store::officers;
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::{AgencyId, CategoryId, DocumentId, PetitionId};
use crate::kernel::{Instant, Lang, search_text};
use crate::petitions::concealed::{mask_titles, readable_words};
use crate::petitions::file::CodeName;
use crate::petitions::read::name_of_category;
use crate::petitions::rules::DocumentStatus;
use crate::petitions::store::documents::inbox::{self, InboxFilter};
use serde::Serialize;
use utoipa::ToSchema;

/// Query of the inbox.
#[derive(Debug, Clone, Default)]
pub struct InboxQuery {
    pub status: Option<DocumentStatus>,
    pub year: Option<i32>,
    /// User name of the assigned officer, or `me`.
    pub assignee: Option<String>,
    /// Only open documents past their deadline.
    pub overdue: bool,
    pub due_before: Option<Instant>,
    pub category: Option<String>,
    /// Search words, with or without accents.
    pub q: Option<String>,
}

/// One line of the inbox.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InboxLine {
    /// The document.
    pub id: DocumentId,
    /// Its number.
    pub number: i64,
    /// The year of the register.
    pub year: i32,
    /// Whose register.
    pub agency: CodeName,
    /// Where it stands.
    pub status: DocumentStatus,
    /// When it arrived.
    pub arrived_at: Instant,
    /// The deadline.
    pub due_at: Instant,
    /// Whether it is open and past its deadline.
    pub is_overdue: bool,
    /// The version to send in `If-Match`.
    pub version: i32,
    /// The code of the petition.
    pub code: String,
    /// The title of the petition.
    pub title: String,
    /// Its category.
    pub category: CodeName,
}

/// The cursor of the inbox.
pub type InboxPosition = (Instant, DocumentId);

/// Returns a page of the inbox and the cursor of the next page.
///
/// # Errors
/// [`ErrorCode::RoleMissing`] for an account without an agency; `UnknownCode` on `category` or `assignee`.
pub async fn page(
    app: &App,
    actor: &Actor,
    question: InboxQuery,
    after: Option<InboxPosition>,
    limit: i64,
    lang: Lang,
) -> Result<(Vec<InboxLine>, Option<InboxPosition>), ServiceError> {
    let agency: AgencyId = actor.agency_id.ok_or(ErrorCode::RoleMissing)?;
    let (app_, actor, now) = (app.clone(), actor.clone(), app.now());
    app.db
        .read(move |connection| {
            let directory = directory::current(&app_, connection)?;
            let filter = filter(connection, &directory, &actor, &question, now)?;
            let mut lines = readable(connection, agency, &filter, after, limit + 1)?;
            let is_more = i64::try_from(lines.len()).unwrap_or(i64::MAX) > limit;
            lines.truncate(usize::try_from(limit).unwrap_or(0));
            let next = lines.last().filter(|_| is_more).map(|(row, ..)| (row.due_at, row.id));
            mask_titles(connection, lines.iter_mut().map(|(row, _, _, title)| (row.petition_id, title)))?;
            let items = lines
                .into_iter()
                .map(|(row, code, category, title)| InboxLine {
                    id: row.id,
                    number: row.number,
                    year: row.year,
                    agency: agency_name(&directory, row.agency_id),
                    status: row.status,
                    arrived_at: row.arrived_at,
                    due_at: row.due_at,
                    is_overdue: row.handed_on_at.is_none() && row.due_at < now,
                    version: row.version,
                    code,
                    title,
                    category: name_of_category(&directory, category, lang),
                })
                .collect();
            Ok((items, next))
        })
        .await
}

/// Returns a page of lines. Search words must match text the officer can read, because a match on hidden text would
/// allow guessing it.
fn readable(
    connection: &mut DbConnection,
    agency: AgencyId,
    filter: &InboxFilter,
    mut after: Option<InboxPosition>,
    wanted: i64,
) -> Result<Vec<inbox::InboxLine>, ServiceError> {
    let most = usize::try_from(wanted).unwrap_or(0);
    let mut found = Vec::new();
    loop {
        let lines = inbox::page(connection, agency, filter, after, wanted)?;
        if filter.words.is_empty() {
            return Ok(lines);
        }
        let is_last = lines.len() < most;
        after = lines.last().map(|(row, ..)| (row.due_at, row.id));
        let ids: Vec<PetitionId> = lines.iter().map(|(row, ..)| row.petition_id).collect();
        let read = readable_words(connection, &ids)?;
        let has_all = |text: &String| filter.words.iter().all(|word| text.contains(word.as_str()));
        found.extend(lines.into_iter().filter(|(row, ..)| read.get(&row.petition_id).is_none_or(has_all)));
        if is_last || found.len() >= most {
            found.truncate(most);
            return Ok(found);
        }
    }
}

/// Converts the query to a store filter.
fn filter(
    connection: &mut DbConnection,
    directory: &Directory,
    actor: &Actor,
    question: &InboxQuery,
    now: Instant,
) -> Result<InboxFilter, ServiceError> {
    let mut problems = FieldProblems::default();
    let words = search_text::fold(question.q.as_deref().unwrap_or_default());
    let categories = match &question.category {
        None => None,
        Some(code) => {
            let of_code = directory.categories().iter().filter(|category| category.code == *code);
            let ids: Vec<CategoryId> = of_code.map(|category| category.id).collect();
            if ids.is_empty() {
                problems.add("category", FieldRule::UnknownCode);
            }
            Some(ids)
        }
    };
    let assignee = match question.assignee.as_deref() {
        None => None,
        Some("me") => Some(actor.account_id),
        Some(name) => {
            let officer = officers::with_usernames(connection, &[name.to_lowercase()])?.pop();
            problems.take("assignee", officer.map(|officer| officer.id).ok_or(FieldRule::UnknownCode))
        }
    };
    problems.finish()?;
    Ok(InboxFilter {
        status: question.status,
        year: question.year,
        assignee,
        overdue_at: question.overdue.then_some(now),
        due_before: question.due_before,
        categories,
        words: words.split_whitespace().map(str::to_owned).collect(),
    })
}
