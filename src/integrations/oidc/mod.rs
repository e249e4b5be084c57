//! Sign-in with an identity provider (OpenID Connect): authorisation code flow with PKCE, with one provider for
//! citizens and another for officers.
//!
//! `begin` returns the authorisation URL and stores the pending sign-in; `finish` takes the code, `provider`
//! exchanges it and checks the token, and the identity selects the account. Rules: an identity is linked only by
//! somebody who is signed in to the account and re-authenticates (`identities`), never because a name, number or
//! address matches. An unknown citizen gets a new account, an officer never does. Our own second factor is required
//! here too.

mod begin;
mod finish;
pub mod http;
mod identities;
mod link;
mod provider;
pub mod rules;
pub mod store;
mod verify_callback;

pub use begin::{BegunSignIn, begin_oidc, begin_oidc_link};
pub use finish::{SignInCallback, finish_oidc};
pub(crate) use identities::has_identity;
pub use identities::{OwnIdentities, OwnIdentity, list_identities, remove_identity};
pub use link::finish_oidc_link;
pub use provider::Providers;

use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::integrations::oidc::rules::OidcRealm;
use crate::integrations::oidc::store::{self as oidc, OidcSignInRow};
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::AccountId;
use chrono::Duration;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Sealing context.
const PURPOSE: &str = "oidc sign-in";
/// Minutes within which a started sign-in must be completed.
const MINUTES: i64 = 10;
/// Maximum length of a text from a provider or a client.
const LONGEST: usize = 4096;

/// Stored state of a started sign-in.
#[derive(Clone, Serialize, Deserialize)]
enum StoredSignIn {
    /// Waiting for the provider's callback.
    Pending(PendingSignIn),
    /// The provider has verified the identity; our second factor is still missing.
    Proven {
        /// The account that must still enter the code.
        account: AccountId,
    },
}

/// Data needed to check the provider's callback.
#[derive(Clone, Serialize, Deserialize)]
struct PendingSignIn {
    issuer: String,
    /// Expected in the ID token.
    nonce: String,
    /// PKCE verifier for the code exchange.
    verifier: String,
    redirect_uri: String,
}

fn hash_of(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}

/// Sign-ins started before this time have expired.
fn oldest(now: Instant) -> Instant {
    now.plus(-Duration::minutes(MINUTES))
}

/// Deletes expired sign-ins.
pub(crate) fn purge(connection: &mut DbConnection, now: Instant) -> Result<usize, ServiceError> {
    Ok(oidc::purge(connection, oldest(now))?)
}

fn sealed(app: &App, begun: &StoredSignIn) -> Result<String, ServiceError> {
    let text = serde_json::to_string(begun).ok().and_then(|text| app.seal.close(PURPOSE, &text));
    text.ok_or(ServiceError::Internal("a sign-in could not be sealed"))
}

/// Consumes a started sign-in, of the linking account or, for a plain sign-in, of no account.
async fn taken(
    app: &App,
    realm: OidcRealm,
    finish: &SignInCallback,
    account: Option<AccountId>,
) -> Result<(OidcSignInRow, StoredSignIn), ServiceError> {
    let (state, secret, after) = (hash_of(&finish.state), hash_of(&finish.finish_secret), oldest(app.now()));
    let row = app.db.write(move |connection| Ok::<_, ServiceError>(oidc::take(connection, realm, (&state, &secret), after)?));
    let row = row.await?.filter(|row| row.account_id == account).ok_or(ErrorCode::OidcStateUnknown)?;
    let begun = app.seal.open(PURPOSE, &row.sealed).and_then(|text| serde_json::from_str(&text).ok());
    Ok((row, begun.ok_or(ErrorCode::OidcStateUnknown)?))
}

/// Validates the format of a text sent by a provider or a client.
fn check_text(field: &'static str, text: &str) -> Result<(), ServiceError> {
    if text.is_empty() {
        return Err(ServiceError::invalid(field, FieldRule::Required));
    }
    if text.len() > LONGEST {
        return Err(ServiceError::invalid(field, FieldRule::TooLong(LONGEST)));
    }
    if text.chars().any(char::is_control) {
        return Err(ServiceError::invalid(field, FieldRule::ControlCharacter));
    }
    Ok(())
}
