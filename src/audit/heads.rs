//! The signed heads: one per hour over the ends of all audit chains, published so that third parties can keep
//! them.
//!
//! Takes the signing key of this installation, returns [`AuditHead`]s. Rule: signing a head is itself an audit
//! entry, so that a deleted head is detected.

use super::AuditActor;
use super::AuditEvent;
use super::write;
use crate::app::App;
use crate::audit::rules::head::{AuditHead, StreamEnds, hash_of, next_period};
use crate::audit::rules::written;
use crate::audit::store;
use crate::db::Db;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::paging::KeysetPage;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// The audit action for a signed head.
pub const SIGN: &str = "sign_audit_head";
/// Length of the prefix of a timestamp that identifies its UTC hour; hours in Việt Nam begin at the same minute.
const HOUR_LETTERS: usize = "2026-11-22T19".len();
/// Number of heads read at once.
const AT_ONCE: i64 = 500;

/// A head with the statement that is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublishedHead {
    #[serde(flatten)]
    head: AuditHead,
    /// What is signed, and what `hash` is the SHA-256 of.
    statement: String,
}

impl From<AuditHead> for PublishedHead {
    fn from(head: AuditHead) -> Self {
        Self { statement: head.statement(), head }
    }
}

/// Signs the head of this hour; `None` if the hour has one.
pub async fn sign(app: &App) -> Result<Option<AuditHead>, ServiceError> {
    let (now, by, key) = (app.now(), AuditActor::system(), Arc::clone(&app.audit_key));
    app.db
        .write(move |connection| {
            let newest = store::newest_heads(connection, None, 1)?.pop();
            if newest.as_ref().is_some_and(|newest| is_of_this_hour(newest, now)) {
                return Ok(None);
            }
            let period = next_period(newest.as_ref().map(|newest| newest.period.as_str()), now.local());
            let mut ends = store::ends(connection)?;
            ends.retain(|_, end| end.sequence > 0);
            let signed = store::last_signed(connection)?;
            let head = key.sign(AuditHead {
                period: period.clone(),
                made_at: written(now),
                streams: i64::try_from(ends.len()).unwrap_or(i64::MAX),
                entries: ends.values().map(|end| end.sequence).sum(),
                streams_hash: hash_of(&ends),
                previous_hash: newest.map(|newest| newest.hash).unwrap_or_default(),
                key_id: String::new(),
                public_key: String::new(),
                hash: String::new(),
                signature: String::new(),
            });
            let moved: StreamEnds = ends.into_iter().filter(|(stream, end)| signed.get(stream) != Some(&end.sequence)).collect();
            store::insert_head(connection, &head, &moved)?;
            write(connection, &by, now, &AuditEvent::new(SIGN, "audit_head", &period).with("hash", head.hash.clone()))?;
            Ok(Some(head))
        })
        .await
}

/// Returns whether this hour has a head.
pub async fn is_signed(app: &App) -> Result<bool, ServiceError> {
    let now = app.now();
    let newest = app.db.read(|connection| store::newest_heads(connection, None, 1)).await?.pop();
    Ok(newest.is_some_and(|newest| is_of_this_hour(&newest, now)))
}

/// Compares the time of creation and not the period name, because the clock may have been ahead.
fn is_of_this_hour(head: &AuditHead, now: Instant) -> bool {
    let hour = written(now).chars().take(HOUR_LETTERS).collect::<String>();
    head.made_at.starts_with(&hour)
}

/// Returns a page of heads, newest first, before a period.
pub async fn page(app: &App, before: Option<String>, limit: i64) -> Result<KeysetPage<PublishedHead, String>, ServiceError> {
    let mut heads = app.db.read(move |connection| store::newest_heads(connection, before.as_deref(), limit + 1)).await?;
    let wanted = usize::try_from(limit).unwrap_or_default();
    let has_more = heads.len() > wanted;
    heads.truncate(wanted);
    let next = heads.last().filter(|_| has_more).map(|head| head.period.clone());
    Ok(KeysetPage { items: heads.into_iter().map(PublishedHead::from).collect(), next })
}

/// Returns all heads in the order of their periods.
pub async fn all(db: &Db) -> Result<Vec<AuditHead>, ServiceError> {
    let mut all: Vec<AuditHead> = Vec::new();
    loop {
        let after = all.last().map(|head| head.period.clone());
        let page = db.read(move |connection| store::heads(connection, after.as_deref(), AT_ONCE)).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// Checks heads kept elsewhere, by themselves and against the database; returns the findings. Together with the
/// checks of `ops::verify` this proves that nothing before the newest of them was changed.
pub async fn compare(db: &Db, kept: &[AuditHead]) -> Result<Vec<String>, ServiceError> {
    let stored = all(db).await?;
    let stored: HashMap<&str, &AuditHead> = stored.iter().map(|head| (head.period.as_str(), head)).collect();
    let mut findings = Vec::new();
    for head in kept {
        findings.extend(head.faults().into_iter().map(|fault| format!("the kept head of {}: {fault}", head.period)));
        match stored.get(head.period.as_str()) {
            None => findings.push(format!("the database has no head of {}", head.period)),
            Some(stored) if *stored != head => findings.push(format!("the database has another head of {}", head.period)),
            Some(_) => {}
        }
    }
    Ok(findings)
}
