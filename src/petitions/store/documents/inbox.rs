//! Queries for the inbox of an agency: its documents by deadline, with filters.

use super::DocumentRow;
use crate::db::schema::{documents, petition_texts, petitions};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AgencyId, CategoryId, DocumentId};
use crate::petitions::rules::DocumentStatus;
use diesel::prelude::*;

/// Filter of the inbox.
#[derive(Debug, Clone, Default)]
pub struct InboxFilter {
    pub status: Option<DocumentStatus>,
    pub year: Option<i32>,
    pub assignee: Option<AccountId>,
    /// Open and past the deadline at this instant.
    pub overdue_at: Option<Instant>,
    pub due_before: Option<Instant>,
    /// Categories; one code may have had several validity periods.
    pub categories: Option<Vec<CategoryId>>,
    /// Folded words that must all occur in title or content.
    pub words: Vec<String>,
}

/// A document with the code, category and title of its petition.
pub type InboxLine = (DocumentRow, String, CategoryId, String);

/// Returns a page of an inbox by deadline, after the given deadline and row number.
pub fn page(
    connection: &mut DbConnection,
    agency: AgencyId,
    filter: &InboxFilter,
    after: Option<(Instant, DocumentId)>,
    limit: i64,
) -> Result<Vec<InboxLine>, StorageError> {
    let mut query = documents::table
        .inner_join(petitions::table.on(petitions::id.eq(documents::petition_id)))
        .inner_join(petition_texts::table.on(petition_texts::petition_id.eq(documents::petition_id)))
        .filter(documents::agency_id.eq(agency))
        .into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(documents::status.eq(status));
    }
    if let Some(year) = filter.year {
        query = query.filter(documents::year.eq(year));
    }
    if let Some(assignee) = filter.assignee {
        query = query.filter(documents::assignee_id.eq(assignee));
    }
    if let Some(now) = filter.overdue_at {
        query = query.filter(documents::due_at.lt(now)).filter(documents::handed_on_at.is_null());
    }
    if let Some(before) = filter.due_before {
        query = query.filter(documents::due_at.lt(before));
    }
    if let Some(categories) = &filter.categories {
        query = query.filter(petitions::category_id.eq_any(categories));
    }
    for word in &filter.words {
        let pattern = format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        query = query.filter(petition_texts::search_text.like(pattern).escape('\\'));
    }
    if let Some((due_at, id)) = after {
        query = query.filter(documents::due_at.gt(due_at).or(documents::due_at.eq(due_at).and(documents::id.gt(id))));
    }
    Ok(query
        .order((documents::due_at, documents::id))
        .limit(limit)
        .select((DocumentRow::as_select(), petitions::code, petitions::category_id, petition_texts::title))
        .load(connection)?)
}
