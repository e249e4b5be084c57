//! Completes linking. Enters: the provider's callback parameters, in the session that started. Leaves: the identity
//! linked to the account.

use super::SignInCallback;
use super::StoredSignIn;
use super::identities::{OwnIdentities, list_identities};
use super::taken;
use crate::accounts::authenticate::OwnAccount;
use crate::accounts::{audit_events, contacts};
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::{Constraint, StorageError};
use crate::integrations::oidc::rules::OidcRealm;
use crate::integrations::oidc::store::{self, OidcIdentityRow};
use crate::kernel::account::AccountChange;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::OidcIdentityId;

/// Completes linking an identity to one's own account.
///
/// # Errors
/// [`ErrorCode::OidcStateUnknown`], also for a link started by another account; [`ErrorCode::OidcIdentityTaken`],
/// [`ErrorCode::OidcAlreadyLinked`]; those of the provider.
pub async fn finish_oidc_link(
    app: &App,
    realm: OidcRealm,
    own: &OwnAccount,
    finish: &SignInCallback,
) -> Result<OwnIdentities, ServiceError> {
    let provider = app.oidc.provider(realm)?;
    finish.check()?;
    let account_id = own.actor.account_id;
    let (_, begun) = taken(app, realm, finish, Some(account_id)).await?;
    let StoredSignIn::Pending(pending) = begun else { return Err(ErrorCode::OidcStateUnknown.into()) };
    let proof = provider.prove(app, &pending, finish).await?;
    let (issuer, subject, linked_at) = (proof.issuer, proof.subject, app.now());
    let owned = app.clone();
    let (by, event) = (AuditActor::account(&own.actor), audit_events::holder(&own.actor, "link_identity"));
    let linked = audit::transaction(app, &by, move |connection| {
        if let Some(known) = store::find(connection, realm, &issuer, &subject)? {
            let is_own = known.account_id == account_id;
            return if is_own { Ok(((), AuditEvent::none())) } else { Err(ServiceError::from(ErrorCode::OidcIdentityTaken)) };
        }
        let row = OidcIdentityRow {
            id: OidcIdentityId(0),
            realm,
            issuer: issuer.clone(),
            subject: subject.clone(),
            account_id,
            linked_at,
            last_used_at: None,
        };
        store::link(connection, &row)?;
        contacts::notify(&owned, connection, account_id, AccountChange::Identity, linked_at)?;
        Ok(((), event.clone()))
    });
    linked.await.map_err(refused)?;
    tracing::info!(account = %account_id, %realm, "OIDC identity linked");
    list_identities(app, account_id).await
}

fn refused(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Storage(StorageError::Conflict(Constraint::OidcSubject)) => ErrorCode::OidcIdentityTaken.into(),
        ServiceError::Storage(StorageError::Conflict(Constraint::OidcAccount)) => ErrorCode::OidcAlreadyLinked.into(),
        error => error,
    }
}
