//! The identities linked to one's own account: list and removal.
//!
//! Rules: changing how an account can be entered requires the password or, without one, a sign-in of the last ten
//! minutes; an open session is not enough. The last means of signing in cannot be removed.

use crate::accounts::authenticate::OwnAccount;
use crate::accounts::reauthentication::{Reauthentication, reauthenticate};
use crate::accounts::store::{profiles, sessions};
use crate::accounts::{audit_events, contacts};
use crate::app::App;
use crate::audit::{self, AuditActor};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::integrations::oidc::rules::OidcRealm;
use crate::integrations::oidc::store;
use crate::integrations::zalo::store::people;
use crate::kernel::Instant;
use crate::kernel::account::AccountChange;
use crate::kernel::client_address::ClientInfo;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{AccountId, OidcIdentityId};
use serde::Serialize;
use utoipa::ToSchema;

/// One identity of the own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnIdentity {
    /// Its number, for taking it away.
    pub id: OidcIdentityId,
    /// Where it signs in.
    pub realm: OidcRealm,
    /// The provider.
    #[schema(example = "https://vneid.example.vn")]
    pub issuer: String,
    /// When it was linked.
    pub linked_at: Instant,
    /// When somebody signed in by it last.
    #[schema(required)]
    pub last_used_at: Option<Instant>,
}

/// How the own account is entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnIdentities {
    /// The linked identities, the oldest first.
    pub items: Vec<OwnIdentity>,
    /// Whether there is a password as well.
    pub has_password: bool,
}

/// Returns the identities of an account.
pub async fn list_identities(app: &App, account: AccountId) -> Result<OwnIdentities, ServiceError> {
    app.db
        .read(move |connection| {
            let rows = store::of_account(connection, account)?;
            let has_password = profiles::password_of(connection, account)?.is_set();
            let items = rows.into_iter().map(|row| OwnIdentity {
                id: row.id,
                realm: row.realm,
                issuer: row.issuer,
                linked_at: row.linked_at,
                last_used_at: row.last_used_at,
            });
            Ok::<_, ServiceError>(OwnIdentities { items: items.collect(), has_password })
        })
        .await
}

/// Removes an identity and ends every other session, because one of them may have been opened with it.
///
/// # Errors
/// [`ErrorCode::OidcIdentityNotFound`], also for another account's identity; [`ErrorCode::OidcLastWayIn`];
/// [`ErrorCode::WrongPassword`], [`ErrorCode::FreshSignInNeeded`].
pub async fn remove_identity(
    app: &App,
    own: &OwnAccount,
    visitor: &ClientInfo,
    id: OidcIdentityId,
    current_password: Option<&str>,
) -> Result<(), ServiceError> {
    reauthenticate(app, own, visitor, Reauthentication::password(current_password)).await?;
    let owned = app.clone();
    let (account, keep, now) = (own.actor.account_id, own.session, app.now());
    let event = audit_events::holder(&own.actor, "remove_identity");
    audit::transaction(app, &AuditActor::account(&own.actor), move |connection| {
        if !store::unlink(connection, account, id)? {
            return Err(ServiceError::from(ErrorCode::OidcIdentityNotFound));
        }
        let other_ways = profiles::password_of(connection, account)?.is_set()
            || has_identity(connection, account)?
            || people::by_account(connection, account)?.is_some();
        if !other_ways {
            return Err(ErrorCode::OidcLastWayIn.into());
        }
        contacts::notify(&owned, connection, account, AccountChange::Identity, now)?;
        sessions::end_all(connection, account, Some(keep), now)?;
        Ok(((), event.clone()))
    })
    .await?;
    tracing::info!(%account, "OIDC identity unlinked");
    Ok(())
}

/// Returns whether an account has a linked identity.
pub(crate) fn has_identity(connection: &mut DbConnection, account: AccountId) -> Result<bool, ServiceError> {
    Ok(!store::of_account(connection, account)?.is_empty())
}
