//! Starts a sign-in. Enters: the redirect URI of the client. Leaves: the authorisation URL and two secrets.
//!
//! The provider returns `state`; `finish_secret` never leaves the client that started, so that nobody can be signed
//! in to another person's account by a link (login CSRF). Only hashes of both are stored; other pending data is
//! sealed.

use super::MINUTES;
use super::PendingSignIn;
use super::StoredSignIn;
use super::hash_of;
use super::oldest;
use super::sealed;
use crate::accounts::authenticate::OwnAccount;
use crate::accounts::reauthentication::{Reauthentication, reauthenticate};
use crate::accounts::sessions::random_text;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::integrations::oidc::rules::OidcRealm;
use crate::integrations::oidc::store::{self, OidcSignInRow};
use crate::kernel::account::AccountKind;
use crate::kernel::client_address::ClientInfo;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::AccountId;
use serde::Serialize;
use utoipa::ToSchema;

/// What a client needs to go on; good for ten minutes.
#[derive(Clone, Serialize, ToSchema)]
pub struct BegunSignIn {
    /// To be opened in a browser.
    pub authorization_url: String,
    /// Comes back from the provider; the client compares it.
    pub state: String,
    /// Stays with the client and is shown when it finishes.
    pub finish_secret: String,
    /// Seconds until it is over.
    #[schema(example = 600)]
    pub expires_in: i64,
}

/// Starts a sign-in.
///
/// # Errors
/// [`ErrorCode::OidcNotSetUp`], [`ErrorCode::OidcAway`]; `not_allowed` on `redirect_uri` for one that is not
/// configured.
pub async fn begin_oidc(app: &App, realm: OidcRealm, redirect_uri: Option<&str>) -> Result<BegunSignIn, ServiceError> {
    begin(app, realm, redirect_uri, None).await
}

/// Starts linking an identity to one's own account, which requires re-authentication.
///
/// # Errors
/// As [`begin_oidc`]; [`ErrorCode::OidcWrongRealm`], [`ErrorCode::WrongPassword`], [`ErrorCode::FreshSignInNeeded`]
/// for an account without a password; [`ErrorCode::PasswordChangeRequired`] and [`ErrorCode::SecondFactorRequired`]
/// while the account is restricted to these steps.
pub async fn begin_oidc_link(
    app: &App,
    realm: OidcRealm,
    own: &OwnAccount,
    visitor: &ClientInfo,
    (current_password, redirect_uri): (Option<&str>, Option<&str>),
) -> Result<BegunSignIn, ServiceError> {
    app.oidc.provider(realm)?;
    if own.must_change_password {
        return Err(ErrorCode::PasswordChangeRequired.into());
    }
    if own.must_set_up_second_factor {
        return Err(ErrorCode::SecondFactorRequired.into());
    }
    if (own.actor.kind == AccountKind::Officer) != (realm == OidcRealm::Officer) {
        return Err(ErrorCode::OidcWrongRealm.into());
    }
    reauthenticate(app, own, visitor, Reauthentication::password(current_password)).await?;
    begin(app, realm, redirect_uri, Some(own.actor.account_id)).await
}

async fn begin(
    app: &App,
    realm: OidcRealm,
    redirect_uri: Option<&str>,
    account_id: Option<AccountId>,
) -> Result<BegunSignIn, ServiceError> {
    let provider = app.oidc.provider(realm)?;
    let allowed = &provider.settings.more.redirect_uris;
    let redirect_uri = match redirect_uri {
        Some(asked) => allowed.iter().find(|uri| *uri == asked),
        None => allowed.first(),
    };
    let redirect_uri = redirect_uri.ok_or_else(|| ServiceError::invalid("redirect_uri", FieldRule::NotAllowed))?;
    let pending = PendingSignIn {
        issuer: provider.settings.issuer.clone(),
        nonce: random_text(),
        // 43 characters, as PKCE requires.
        verifier: random_text(),
        redirect_uri: redirect_uri.clone(),
    };
    let (state, finish_secret, now) = (random_text(), random_text(), app.now());
    let authorization_url = provider.authorization_url(now, &pending, &state).await?;
    let row = OidcSignInRow {
        state_hash: hash_of(&state),
        secret_hash: hash_of(&finish_secret),
        realm,
        account_id,
        sealed: sealed(app, &StoredSignIn::Pending(pending))?,
        begun_at: now,
    };
    app.db
        .write(move |connection| {
            store::purge(connection, oldest(now))?;
            Ok::<_, ServiceError>(store::begin(connection, &row)?)
        })
        .await?;
    Ok(BegunSignIn { authorization_url, state, finish_secret, expires_in: MINUTES * 60 })
}
