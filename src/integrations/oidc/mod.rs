//! Signing in at a provider of identities (OpenID Connect): authorization code with PKCE, for citizens and, at another provider, for officers.
//!
//! `begin` hands an address out and remembers what has to come back; `finish` takes the code, `provider` exchanges it and checks the
//! token, and the identity opens its account. Rules kept here: an identity is linked to an account only by somebody who is signed in to that
//! account and proves it again (`identities`), never because a name, a number or an address is the same; a citizen whom nobody knows gets an
//! account, an officer never; a second factor of ours is asked for here as well.

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

/// What the seal is for.
const PURPOSE: &str = "oidc sign-in";
/// Minutes within which a sign-in that was begun has to be finished.
const MINUTES: i64 = 10;
/// The longest text that a provider or a client sends here.
const LONGEST: usize = 4096;

/// What is remembered of a sign-in that was begun.
#[derive(Clone, Serialize, Deserialize)]
enum StoredSignIn {
    /// The person is on the way to the provider.
    Pending(PendingSignIn),
    /// The provider has proven who it is; the second factor is still missing.
    Proven {
        /// Whose account.
        account: AccountId,
    },
}

/// What has to come back from the provider.
#[derive(Clone, Serialize, Deserialize)]
struct PendingSignIn {
    /// The provider that was asked.
    issuer: String,
    /// In the token.
    nonce: String,
    /// Of PKCE, for the exchange of the code.
    verifier: String,
    /// Where the person comes back to.
    redirect_uri: String,
}

fn hash_of(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}

/// What was begun before is over.
fn oldest(now: Instant) -> Instant {
    now.plus(-Duration::minutes(MINUTES))
}

/// Forgets what was begun and not finished in time.
pub(crate) fn purge(connection: &mut DbConnection, now: Instant) -> Result<usize, ServiceError> {
    Ok(oidc::purge(connection, oldest(now))?)
}

fn sealed(app: &App, begun: &StoredSignIn) -> Result<String, ServiceError> {
    let text = serde_json::to_string(begun).ok().and_then(|text| app.seal.close(PURPOSE, &text));
    text.ok_or(ServiceError::Internal("a sign-in could not be sealed"))
}

/// Takes what was begun, for the account that links or for nobody in particular.
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

/// Whether a text is one that a provider may have sent.
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
