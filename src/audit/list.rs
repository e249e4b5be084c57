//! The audit record for administrators: entries newest first, filtered by time, account, action and subject.

use crate::app::App;
use crate::audit::rules::{AuditEntry, written};
use crate::audit::store::{self, AuditCursor, AuditFilter};
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::ids::AccountId;
use crate::kernel::paging::KeysetPage;
use chrono::DateTime;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The filter of the list.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// Inclusive.
    pub from: Option<Instant>,
    /// Exclusive.
    pub to: Option<Instant>,
    pub account: Option<AccountId>,
    pub action: Option<String>,
    pub subject_kind: Option<String>,
    /// Id or code.
    pub subject: Option<String>,
}

/// An account as the audit record names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditAccount {
    id: AccountId,
    /// What the officer signs in with.
    #[schema(required)]
    username: Option<String>,
}

/// An entry of the audit record.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditRecord {
    /// Whose chain: `account:<number>`, `operator`, `sign_in`, `system`.
    stream: String,
    /// 1, 2, 3 … in its stream.
    sequence: i64,
    /// When.
    at: Instant,
    /// The account that acted; null for the operator, for whoever was not signed in, and for the product itself.
    #[schema(required)]
    account: Option<AuditAccount>,
    /// Its roles at that time.
    roles: Vec<String>,
    /// What was done.
    action: String,
    /// What kind of thing it was done to.
    subject_kind: String,
    /// Its number or code.
    subject: String,
    /// The address from which it was asked, where it is known.
    #[schema(required)]
    source: Option<String>,
    /// The request in the server's log.
    #[schema(required)]
    request_id: Option<String>,
    /// What else there is to know; of a change the fields `before` and `after`.
    #[schema(value_type = Object)]
    detail: Value,
    /// `hash` of the entry before in the stream; empty for the first.
    previous_hash: String,
    /// SHA-256 over all fields, in hex.
    hash: String,
}

impl AuditRecord {
    fn of((entry, hash, username): (AuditEntry, String, Option<String>)) -> Self {
        let at = DateTime::parse_from_rfc3339(&entry.at).map_or(DateTime::UNIX_EPOCH, |at| at.to_utc());
        Self {
            at: Instant::from_utc(at),
            account: entry.account_id.map(|id| AuditAccount { id, username }),
            roles: entry.roles.split(',').filter(|role| !role.is_empty()).map(str::to_owned).collect(),
            detail: serde_json::from_str(&entry.detail).unwrap_or_default(),
            stream: entry.stream,
            sequence: entry.sequence,
            action: entry.action,
            subject_kind: entry.subject_kind,
            subject: entry.subject,
            source: entry.source,
            request_id: entry.request_id,
            previous_hash: entry.previous_hash,
            hash,
        }
    }
}

/// Returns a page of entries, newest first, before a position.
pub async fn page(
    app: &App,
    question: AuditQuery,
    before: Option<AuditCursor>,
    limit: i64,
) -> Result<KeysetPage<AuditRecord, AuditCursor>, ServiceError> {
    let AuditQuery { from, to, account, action, subject_kind, subject } = question;
    let filter = AuditFilter { from: from.map(written), to: to.map(written), account, action, subject_kind, subject };
    let mut rows = app.db.read(move |connection| store::list(connection, &filter, before.as_ref(), limit + 1)).await?;
    let wanted = usize::try_from(limit).unwrap_or_default();
    let has_more = rows.len() > wanted;
    rows.truncate(wanted);
    let next = rows.last().filter(|_| has_more).map(|(entry, ..)| (entry.at.clone(), entry.stream.clone(), entry.sequence));
    Ok(KeysetPage { items: rows.into_iter().map(AuditRecord::of).collect(), next })
}
