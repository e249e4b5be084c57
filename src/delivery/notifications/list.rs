//! The notifications of an account: for its petitions, its agency and, for coordinators, the whole desk.

use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::delivery::store::notifications::{self, NotificationReader, NotificationRow};
use crate::kernel::Instant;
use crate::kernel::account::{AccountKind, Actor, Role};
use crate::kernel::ids::NotificationId;
use crate::petitions::rules::{Action, Audience, Status};
use crate::petitions::store::timeline;
use serde::Serialize;
use utoipa::ToSchema;

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NotificationLine {
    /// Its number; later ones have higher numbers.
    pub id: NotificationId,
    /// The code of the petition.
    pub petition: String,
    /// The entry of its timeline.
    pub sequence: i32,
    /// What was done.
    pub action: Action,
    /// The state after it.
    pub status: Status,
    /// As whom one is told.
    pub audience: Audience,
    /// When.
    pub at: Instant,
    /// Whether it has been read.
    pub is_read: bool,
}

/// A page of notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationList {
    /// Newest first.
    pub items: Vec<NotificationLine>,
    /// Cursor: the next page starts below this id.
    pub next: Option<NotificationId>,
    /// Number of unread notifications, over all pages.
    pub unread: i64,
}

/// Returns which notifications an account may read.
#[must_use]
pub fn reader_of(actor: &Actor) -> NotificationReader {
    let is_officer = actor.kind == AccountKind::Officer;
    let works_there = [Role::Clerk, Role::Handler, Role::Leader].iter().any(|role| actor.has(*role));
    NotificationReader {
        account: (!is_officer).then_some(actor.account_id),
        agency: actor.agency_id.filter(|_| works_there),
        is_coordinator: actor.has(Role::Coordinator),
    }
}

/// Returns a page of the notifications of an account.
pub async fn page(
    app: &App,
    actor: &Actor,
    before: Option<NotificationId>,
    limit: i64,
) -> Result<NotificationList, ServiceError> {
    let (reader, account) = (reader_of(actor), actor.account_id);
    app.db
        .read(move |connection| {
            let mark = notifications::mark(connection, account)?;
            let mut rows = notifications::page(connection, &reader, before, limit + 1)?;
            let is_more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > limit;
            rows.truncate(usize::try_from(limit).unwrap_or(0));
            let next = rows.last().filter(|_| is_more).map(|(row, _)| row.id);
            let mut items = Vec::with_capacity(rows.len());
            for (row, code) in rows {
                items.push(line(connection, &row, code, mark)?);
            }
            Ok(NotificationList { items, next, unread: notifications::unread(connection, &reader, mark)? })
        })
        .await
}

/// Builds one notification from its row and timeline entry.
pub(super) fn line(
    connection: &mut DbConnection,
    row: &NotificationRow,
    petition: String,
    mark: NotificationId,
) -> Result<NotificationLine, ServiceError> {
    let entry = timeline::entry(connection, row.petition_id, row.sequence)?;
    Ok(NotificationLine {
        id: row.id,
        petition,
        sequence: row.sequence,
        action: entry.action,
        status: entry.status,
        audience: row.audience,
        at: row.created_at,
        is_read: row.id <= mark,
    })
}

/// Marks everything up to an id as read. A lower id than before changes nothing.
pub async fn mark_read(app: &App, actor: &Actor, up_to: NotificationId) -> Result<(), ServiceError> {
    let account = actor.account_id;
    app.db
        .write(move |connection| {
            // An id beyond the newest would mark future notifications as read.
            let newest = notifications::newest(connection)?;
            Ok(notifications::move_mark(connection, account, up_to.min(newest))?)
        })
        .await
}
