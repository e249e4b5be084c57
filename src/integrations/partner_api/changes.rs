//! Changes of a partner's petitions, in timeline order, from a cursor on.
//!
//! Rule: the last seconds are held back, because a transaction that started earlier may still insert an earlier
//! timeline entry.

use super::petitions::{PartnerPetition, view};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::integrations::partner_api::store::{self, ApiKeyRow};
use crate::kernel::field_problem::FieldRule;
use chrono::Duration;
use serde::Serialize;
use std::collections::HashSet;
use utoipa::ToSchema;

/// Minimum age of a change before it is returned, in seconds.
const HELD_BACK: i64 = 10;

/// What changed behind a cursor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Changes {
    /// The petitions as they now stand, in the order of their first change; each once.
    pub items: Vec<PartnerPetition>,
    /// What to send as `changed_since` next time.
    pub cursor: String,
    /// Whether there is more already.
    pub has_more: bool,
}

/// Returns the changes after a cursor, or all without one.
///
/// # Errors
/// An unknown cursor.
pub async fn changes(app: &App, key: &ApiKeyRow, since: Option<&str>, limit: i64) -> Result<Changes, ServiceError> {
    let after = since.map_or(Ok(0), str::parse::<i64>).ok().filter(|after| *after >= 0);
    let after = after.ok_or_else(|| ServiceError::invalid("changed_since", FieldRule::ForeignCursor))?;
    let until = app.now().plus(-Duration::seconds(HELD_BACK));
    let (app_, partner) = (app.clone(), key.partner.clone());
    app.db
        .read(move |connection| {
            let mut lines = store::changed(connection, &partner, after, until, limit + 1)?;
            let limit = usize::try_from(limit).unwrap_or(0);
            let has_more = lines.len() > limit;
            lines.truncate(limit);
            let cursor = lines.last().map_or(after, |(place, ..)| *place).to_string();
            let directory = directory::current(&app_, connection)?;
            let (mut seen, mut items) = (HashSet::new(), Vec::new());
            for (_, partner_id, petition) in lines {
                if seen.insert(petition) {
                    items.push(view(connection, &directory, partner_id, petition)?);
                }
            }
            Ok(Changes { items, cursor, has_more })
        })
        .await
}
