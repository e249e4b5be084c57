//! The second half of linking: enters what the provider sent back, from the session that began, leaves the identity on the account.

use super::Begun;
use super::Finish;
use super::identities::{OwnIdentities, list_identities};
use super::taken;
use crate::accounts::authenticate::OwnAccount;
use crate::accounts::{audited, contacts};
use crate::app::App;
use crate::audit::{self, By, Deed};
use crate::db::service_error::ServiceError;
use crate::db::{Constraint, StorageError};
use crate::integrations::oidc::rules::OidcRealm;
use crate::integrations::oidc::store::{self, IdentityRow};
use crate::kernel::account::AccountChange;
use crate::kernel::ids::OidcIdentityId;
use crate::kernel::refusal::Refusal;

/// Finishes linking an identity to one's own account.
///
/// # Errors
/// [`Refusal::OidcStateUnknown`], also for a link that another account has begun; [`Refusal::OidcIdentityTaken`],
/// [`Refusal::OidcAlreadyLinked`]; those of the provider.
pub async fn finish_oidc_link(
    app: &App,
    realm: OidcRealm,
    own: &OwnAccount,
    finish: &Finish,
) -> Result<OwnIdentities, ServiceError> {
    let provider = app.oidc.provider(realm)?;
    finish.check()?;
    let account_id = own.actor.account_id;
    let (_, begun) = taken(app, realm, finish, Some(account_id)).await?;
    let Begun::Pending(pending) = begun else { return Err(Refusal::OidcStateUnknown.into()) };
    let proof = provider.prove(app, &pending, finish).await?;
    let (issuer, subject, linked_at) = (proof.issuer, proof.subject, app.now());
    let owned = app.clone();
    let (by, deed) = (By::account(&own.actor), audited::holder(&own.actor, "link_identity"));
    let linked = audit::writing(app, &by, move |connection| {
        if let Some(known) = store::find(connection, realm, &issuer, &subject)? {
            let is_own = known.account_id == account_id;
            return if is_own { Ok(((), Deed::nothing())) } else { Err(ServiceError::from(Refusal::OidcIdentityTaken)) };
        }
        let row = IdentityRow {
            id: OidcIdentityId(0),
            realm,
            issuer: issuer.clone(),
            subject: subject.clone(),
            account_id,
            linked_at,
            last_used_at: None,
        };
        store::link(connection, &row)?;
        contacts::tell(&owned, connection, account_id, AccountChange::Identity, linked_at)?;
        Ok(((), deed.clone()))
    });
    linked.await.map_err(refused)?;
    tracing::info!(account = %account_id, %realm, "an identity was linked");
    list_identities(app, account_id).await
}

fn refused(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Storage(StorageError::Conflict(Constraint::OidcSubject)) => Refusal::OidcIdentityTaken.into(),
        ServiceError::Storage(StorageError::Conflict(Constraint::OidcAccount)) => Refusal::OidcAlreadyLinked.into(),
        error => error,
    }
}
