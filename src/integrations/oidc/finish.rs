//! Completes a sign-in. Enters: the provider's callback parameters and the client's secret. Leaves: a signed-in
//! account.
//!
//! Any callback consumes the pending sign-in. If our second factor is missing, the verified identity is stored for
//! the rest of the ten minutes, because the provider's code can be used only once.

use super::StoredSignIn;
use super::check_text;
use super::sealed;
use super::taken;
use super::verify_callback::VerifiedIdentity;
use crate::accounts::login_throttle::{LoginAttempt, throttled};
use crate::accounts::profile::{Profile, profile_of};
use crate::accounts::sessions::{NewTokens, SignedIn};
use crate::accounts::store::profiles;
use crate::accounts::{audit_events, second_factor};
use crate::app::App;
use crate::audit::{self, AuditActor};
use crate::db::service_error::ServiceError;
use crate::db::{Constraint, DbConnection, StorageError};
use crate::integrations::oidc::rules::{OidcPerson, OidcRealm};
use crate::integrations::oidc::store::{self, OidcIdentityRow, OidcSignInRow};
use crate::kernel::account::{AccountKind, AccountState, NewAccount, PasswordHash, Role};
use crate::kernel::client_address::ClientInfo;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{AccountId, OidcIdentityId, SessionId};

/// Concurrent first sign-ins of one person: one attempt creates the account, the other finds it on retry.
const ATTEMPTS: usize = 3;

/// The callback parameters sent by a client.
#[derive(Clone, Default)]
pub struct SignInCallback {
    /// As received from the provider.
    pub state: String,
    /// The secret the client got at the start.
    pub finish_secret: String,
    /// Authorisation code of the provider.
    pub code: Option<String>,
    /// Issuer named in the callback (RFC 9207).
    pub iss: Option<String>,
    /// Error sent by the provider instead of a code.
    pub error: Option<String>,
    /// TOTP code of our second factor.
    pub totp: Option<String>,
}

impl SignInCallback {
    /// Validates the format of the parameters.
    pub(super) fn check(&self) -> Result<(), ServiceError> {
        check_text("state", &self.state)?;
        check_text("finish_secret", &self.finish_secret)?;
        let given = [("code", &self.code), ("iss", &self.iss), ("error", &self.error), ("totp", &self.totp)];
        given
            .iter()
            .filter_map(|(field, text)| Some((field, text.as_deref()?)))
            .try_for_each(|(field, text)| check_text(field, text))
    }
}

/// Progress of a sign-in.
enum SignInOutcome {
    In(Box<Profile>, SessionId),
    /// The second factor is missing.
    CodeNeeded(AccountId),
}

/// Completes a sign-in.
///
/// # Errors
/// [`ErrorCode::OidcStateUnknown`]; [`ErrorCode::OidcAccountRefused`] for an officer whose identity is not linked and
/// for an account that may not sign in; [`ErrorCode::TotpRequired`], [`ErrorCode::TotpWrong`]; those of the provider;
/// [`ErrorCode::OidcClaimsInsufficient`].
pub async fn finish_oidc(
    app: &App,
    realm: OidcRealm,
    finish: &SignInCallback,
    visitor: &ClientInfo,
) -> Result<SignedIn, ServiceError> {
    let provider = app.oidc.provider(realm)?;
    finish.check()?;
    let (row, begun) = taken(app, realm, finish, None).await?;
    let tokens = NewTokens::draw(app.now()).on(visitor.device.clone());
    let account = match begun {
        StoredSignIn::Proven { account } => account,
        StoredSignIn::Pending(pending) => {
            let proof = provider.prove(app, &pending, finish).await?;
            let person = match realm {
                OidcRealm::Citizen => {
                    Some(provider.settings.claims.person(&proof.claims).map_err(|_| ErrorCode::OidcClaimsInsufficient)?)
                }
                OidcRealm::Officer => None,
            };
            match enter(app, realm, &proof, person, &tokens).await? {
                SignInOutcome::In(profile, session) => return tokens.hand_out(app, *profile, session),
                SignInOutcome::CodeNeeded(account) => account,
            }
        }
    };
    let entered = with_code(app, account, finish.totp.as_deref(), visitor, &tokens).await;
    if entered.is_err() {
        keep(app, account, row).await?;
    }
    let (profile, session) = entered?;
    tokens.hand_out(app, profile, session)
}

/// Keeps the verified identity until the second factor is entered.
async fn keep(app: &App, account: AccountId, row: OidcSignInRow) -> Result<(), ServiceError> {
    let row = OidcSignInRow { sealed: sealed(app, &StoredSignIn::Proven { account })?, ..row };
    app.db.write(move |connection| Ok::<_, ServiceError>(store::begin(connection, &row)?)).await
}

async fn enter(
    app: &App,
    realm: OidcRealm,
    proof: &VerifiedIdentity,
    person: Option<OidcPerson>,
    tokens: &NewTokens,
) -> Result<SignInOutcome, ServiceError> {
    let mut attempts = ATTEMPTS;
    loop {
        let (owned, proof, person, drawn) = (app.clone(), proof.clone(), person.clone(), tokens.clone());
        let by = AuditActor::visitor();
        let entered = app.db.write(move |connection| enter_in(&owned, connection, &by, realm, (&proof, person.as_ref()), &drawn));
        match entered.await {
            Err(ServiceError::Storage(StorageError::Conflict(Constraint::OidcSubject))) if attempts > 1 => attempts -= 1,
            outcome => return outcome,
        }
    }
}

fn enter_in(
    app: &App,
    connection: &mut DbConnection,
    by: &AuditActor,
    realm: OidcRealm,
    (proof, person): (&VerifiedIdentity, Option<&OidcPerson>),
    tokens: &NewTokens,
) -> Result<SignInOutcome, ServiceError> {
    let now = app.now();
    let id = match (store::find(connection, realm, &proof.issuer, &proof.subject)?, person) {
        (Some(known), _) => {
            store::note_use(connection, known.id, now)?;
            known.account_id
        }
        (None, Some(person)) => {
            let id = make_account(app, connection, person)?;
            let row = OidcIdentityRow {
                id: OidcIdentityId(0),
                realm,
                issuer: proof.issuer.clone(),
                subject: proof.subject.clone(),
                account_id: id,
                linked_at: now,
                last_used_at: Some(now),
            };
            store::link(connection, &row)?;
            id
        }
        (None, None) => return Err(ErrorCode::OidcAccountRefused.into()),
    };
    let account = profiles::find(connection, id)?;
    if account.state != AccountState::Active {
        return Err(ErrorCode::OidcAccountRefused.into());
    }
    if second_factor::is_confirmed(connection, id)? {
        return Ok(SignInOutcome::CodeNeeded(id));
    }
    let session = tokens.store(connection, &account)?;
    audit::write(connection, &by.known_as(&account), now, &audit_events::own(&account, "sign_in"))?;
    Ok(SignInOutcome::In(Box::new(profile_of(app, connection, account)?), session))
}

/// Creates a citizen account without password, phone or e-mail: the provider's contact claims are not trusted.
fn make_account(app: &App, connection: &mut DbConnection, person: &OidcPerson) -> Result<AccountId, ServiceError> {
    let new = NewAccount {
        kind: AccountKind::Citizen,
        username: None,
        phone: None,
        email: None,
        full_name: person.full_name.clone(),
        password: PasswordHash::none(),
        must_change_password: false,
        agency_id: None,
        personal_id: person.personal_id.clone(),
        company_name: None,
        tax_code: None,
        created_at: app.now(),
        roles: vec![Role::Citizen],
    };
    Ok(profiles::insert(connection, &new)?)
}

/// Signs in a verified identity that provides the second factor.
async fn with_code(
    app: &App,
    id: AccountId,
    code: Option<&str>,
    visitor: &ClientInfo,
    tokens: &NewTokens,
) -> Result<(Profile, SessionId), ServiceError> {
    let code = code.ok_or(ErrorCode::TotpRequired)?.to_owned();
    let attempt = LoginAttempt::of_account(app, id, visitor);
    let (owned, drawn, by, now) = (app.clone(), tokens.clone(), AuditActor::visitor(), app.now());
    let entered = throttled(app, &attempt, async {
        app.db
            .write(move |connection| {
                let account = profiles::find(connection, id)?;
                if account.state != AccountState::Active {
                    return Err(ServiceError::from(ErrorCode::OidcAccountRefused));
                }
                if !second_factor::consume_code(&owned, connection, id, &code)? {
                    return Ok(None);
                }
                let session = drawn.store(connection, &account)?;
                audit::write(connection, &by.known_as(&account), now, &audit_events::own(&account, "sign_in"))?;
                Ok(Some((profile_of(&owned, connection, account)?, session)))
            })
            .await
    });
    let Some(entered) = entered.await? else {
        let failure = move |connection: &mut DbConnection| {
            let account = profiles::find(connection, id)?;
            Ok::<_, ServiceError>(((), audit_events::failed_sign_in(Some((id, account.kind)))))
        };
        audit::transaction(app, &AuditActor::visitor(), failure).await?;
        return Err(ErrorCode::TotpWrong.into());
    };
    Ok(entered)
}
