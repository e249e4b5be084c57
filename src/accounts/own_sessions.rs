//! The sessions of one's own account: list them, and end one or all others.

use super::audit_events;
use super::authenticate::OwnAccount;
use crate::accounts::store::sessions;
use crate::app::App;
use crate::audit::{self, AuditActor};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use serde::Serialize;
use utoipa::ToSchema;

/// One session, from its sign-in on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnSession {
    /// Its name, for ending it.
    pub id: String,
    /// What the program called itself.
    #[schema(required)]
    pub device: Option<String>,
    /// When somebody signed in.
    pub begun_at: Instant,
    /// When it was prolonged last.
    pub last_used_at: Instant,
    /// When it ends unless it is prolonged.
    pub expires_at: Instant,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// Returns the open sessions of an account, newest first.
pub async fn list_sessions(app: &App, own: &OwnAccount) -> Result<Vec<OwnSession>, ServiceError> {
    let (id, session, now) = (own.actor.account_id, own.session, app.now());
    app.db
        .read(move |connection| {
            let current = sessions::family_of(connection, session)?;
            let chains = sessions::open_chains(connection, id, now)?;
            Ok(chains
                .into_iter()
                .map(|link| OwnSession {
                    is_current: current.as_ref() == Some(&link.family),
                    id: link.family,
                    device: link.device,
                    begun_at: link.begun_at.unwrap_or(link.created_at),
                    last_used_at: link.created_at,
                    expires_at: link.expires_at,
                })
                .collect())
        })
        .await
}

/// Ends one session of an account at once.
///
/// # Errors
/// [`ErrorCode::SessionNotFound`], also for a session of another account.
pub async fn end_session(app: &App, own: &OwnAccount, id: &str) -> Result<(), ServiceError> {
    let (account, family, now) = (own.actor.account_id, id.to_owned(), app.now());
    let event = audit_events::holder(&own.actor, "end_session");
    audit::transaction(app, &AuditActor::account(&own.actor), move |connection| {
        let is_own = sessions::open_chains(connection, account, now)?.iter().any(|link| link.family == family);
        if !is_own {
            return Err(ServiceError::from(ErrorCode::SessionNotFound));
        }
        sessions::end_family(connection, &family, now)?;
        Ok(((), event.clone()))
    })
    .await
}

/// Ends every session of an account except the calling one.
pub async fn end_other_sessions(app: &App, own: &OwnAccount) -> Result<(), ServiceError> {
    let (account, keep, now) = (own.actor.account_id, own.session, app.now());
    let event = audit_events::holder(&own.actor, "end_other_sessions");
    let end_others = move |connection: &mut DbConnection| {
        sessions::end_all(connection, account, Some(keep), now)?;
        Ok(((), event.clone()))
    };
    audit::transaction(app, &AuditActor::account(&own.actor), end_others).await
}
