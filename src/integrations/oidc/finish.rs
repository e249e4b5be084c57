//! The second half of a sign-in: enters what the provider sent back with the client's own secret, leaves a signed-in account.
//!
//! Whatever comes back uses up what was begun. Where a second factor of ours is missing, the proof of the provider is kept for the rest of the
//! ten minutes, because its code is good once.

use super::Begun;
use super::check_text;
use super::prove::Proof;
use super::sealed;
use super::taken;
use crate::accounts::lock_out::{Attempt, guarded};
use crate::accounts::profile::{Profile, profile_of};
use crate::accounts::sessions::{NewTokens, SignedIn};
use crate::accounts::store::profiles;
use crate::accounts::{audited, second_factor};
use crate::app::App;
use crate::audit::{self, By};
use crate::db::service_error::ServiceError;
use crate::db::{Constraint, DbConnection, StorageError};
use crate::integrations::oidc::rules::{OidcRealm, Person};
use crate::integrations::oidc::store::{self, IdentityRow, SignInRow};
use crate::kernel::account::{AccountKind, AccountState, NewAccount, PasswordHash, Role};
use crate::kernel::ids::{AccountId, OidcIdentityId, SessionId};
use crate::kernel::refusal::Refusal;
use crate::kernel::source::Visitor;

/// Two first sign-ins of one person at the same time: one of them makes the account, the other one finds it.
const ATTEMPTS: usize = 3;

/// What a client brings back.
#[derive(Clone, Default)]
pub struct Finish {
    /// As it came from the provider.
    pub state: String,
    /// What the client got when it began.
    pub finish_secret: String,
    /// Of the provider.
    pub code: Option<String>,
    /// Which provider says to have answered (RFC 9207).
    pub iss: Option<String>,
    /// What the provider says instead of a code.
    pub error: Option<String>,
    /// The code of our second factor.
    pub totp: Option<String>,
}

impl Finish {
    /// Whether it can be what a provider and a client have sent.
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

/// How far somebody has come.
enum Entered {
    In(Box<Profile>, SessionId),
    /// The second factor is missing.
    CodeNeeded(AccountId),
}

/// Finishes a sign-in.
///
/// # Errors
/// [`Refusal::OidcStateUnknown`]; [`Refusal::OidcAccountRefused`] for an officer whose identity is not linked and for an account that may not
/// sign in; [`Refusal::TotpRequired`], [`Refusal::TotpWrong`]; those of the provider; [`Refusal::OidcClaimsInsufficient`].
pub async fn finish_oidc(app: &App, realm: OidcRealm, finish: &Finish, visitor: &Visitor) -> Result<SignedIn, ServiceError> {
    let provider = app.oidc.provider(realm)?;
    finish.check()?;
    let (row, begun) = taken(app, realm, finish, None).await?;
    let tokens = NewTokens::draw(app.now()).on(visitor.device.clone());
    let account = match begun {
        Begun::Proven { account } => account,
        Begun::Pending(pending) => {
            let proof = provider.prove(app, &pending, finish).await?;
            let person = match realm {
                OidcRealm::Citizen => {
                    Some(provider.settings.claims.person(&proof.claims).map_err(|_| Refusal::OidcClaimsInsufficient)?)
                }
                OidcRealm::Officer => None,
            };
            match enter(app, realm, &proof, person, &tokens).await? {
                Entered::In(profile, session) => return tokens.hand_out(app, *profile, session),
                Entered::CodeNeeded(account) => account,
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

/// The proof of the provider stays good while somebody looks for the code of the second factor.
async fn keep(app: &App, account: AccountId, row: SignInRow) -> Result<(), ServiceError> {
    let row = SignInRow { sealed: sealed(app, &Begun::Proven { account })?, ..row };
    app.db.write(move |connection| Ok::<_, ServiceError>(store::begin(connection, &row)?)).await
}

async fn enter(
    app: &App,
    realm: OidcRealm,
    proof: &Proof,
    person: Option<Person>,
    tokens: &NewTokens,
) -> Result<Entered, ServiceError> {
    let mut attempts = ATTEMPTS;
    loop {
        let (owned, proof, person, drawn) = (app.clone(), proof.clone(), person.clone(), tokens.clone());
        let by = By::visitor();
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
    by: &By,
    realm: OidcRealm,
    (proof, person): (&Proof, Option<&Person>),
    tokens: &NewTokens,
) -> Result<Entered, ServiceError> {
    let now = app.now();
    let id = match (store::find(connection, realm, &proof.issuer, &proof.subject)?, person) {
        (Some(known), _) => {
            store::note_use(connection, known.id, now)?;
            known.account_id
        }
        (None, Some(person)) => {
            let id = make_account(app, connection, person)?;
            let row = IdentityRow {
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
        (None, None) => return Err(Refusal::OidcAccountRefused.into()),
    };
    let account = profiles::find(connection, id)?;
    if account.state != AccountState::Active {
        return Err(Refusal::OidcAccountRefused.into());
    }
    if second_factor::is_confirmed(connection, id)? {
        return Ok(Entered::CodeNeeded(id));
    }
    let session = tokens.store(connection, &account)?;
    audit::write(connection, &by.known_as(&account), now, &audited::own(&account, "sign_in"))?;
    Ok(Entered::In(Box::new(profile_of(app, connection, account)?), session))
}

/// A citizen without password, phone and e-mail: what the provider says of those is not ours to believe.
fn make_account(app: &App, connection: &mut DbConnection, person: &Person) -> Result<AccountId, ServiceError> {
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

/// Signs in whom the provider has proven and who shows the second factor.
async fn with_code(
    app: &App,
    id: AccountId,
    code: Option<&str>,
    visitor: &Visitor,
    tokens: &NewTokens,
) -> Result<(Profile, SessionId), ServiceError> {
    let code = code.ok_or(Refusal::TotpRequired)?.to_owned();
    let attempt = Attempt::of_account(app, id, visitor);
    let (owned, drawn, by, now) = (app.clone(), tokens.clone(), By::visitor(), app.now());
    let entered = guarded(app, &attempt, async {
        app.db
            .write(move |connection| {
                let account = profiles::find(connection, id)?;
                if account.state != AccountState::Active {
                    return Err(ServiceError::from(Refusal::OidcAccountRefused));
                }
                if !second_factor::use_up(&owned, connection, id, &code)? {
                    return Ok(None);
                }
                let session = drawn.store(connection, &account)?;
                audit::write(connection, &by.known_as(&account), now, &audited::own(&account, "sign_in"))?;
                Ok(Some((profile_of(&owned, connection, account)?, session)))
            })
            .await
    });
    let Some(entered) = entered.await? else {
        let failure = move |connection: &mut DbConnection| {
            let account = profiles::find(connection, id)?;
            Ok::<_, ServiceError>(((), audited::failed_sign_in(Some((id, account.kind)))))
        };
        audit::writing(app, &By::visitor(), failure).await?;
        return Err(Refusal::TotpWrong.into());
    };
    Ok(entered)
}
