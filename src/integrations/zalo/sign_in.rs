//! Sign-in with Zalo. Enters: a user id verified by Zalo. Leaves: a signed-in account, created on first sign-in.
//!
//! Such an account has no password and no login name; a person who adds a phone number or an e-mail address can set a
//! password later.

use crate::accounts::profile::profile_of;
use crate::accounts::sessions::{NewTokens, SignedIn};
use crate::accounts::store::profiles::{self, AccountChanges};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{Constraint, DbConnection, StorageError};
use crate::integrations::zalo::store::people::{self, ZaloPersonRow};
use crate::kernel::account::{AccountKind, AccountState, NewAccount, PasswordHash, Role};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::AccountId;

/// Concurrent first sign-ins of one person: one attempt creates the account, the other finds it on retry.
const ATTEMPTS: usize = 3;

/// Signs in the account of a Zalo user.
///
/// # Errors
/// [`ErrorCode::LoginFailed`] for an account that may no longer sign in; otherwise those of the database.
pub async fn sign_in_from_zalo(app: &App, app_user: &str, name: &str) -> Result<SignedIn, ServiceError> {
    let mut attempts = ATTEMPTS;
    loop {
        match attempt(app, app_user, name).await {
            Err(ServiceError::Storage(StorageError::Conflict(Constraint::ZaloPerson))) if attempts > 1 => attempts -= 1,
            outcome => return outcome,
        }
    }
}

async fn attempt(app: &App, app_user: &str, name: &str) -> Result<SignedIn, ServiceError> {
    let tokens = NewTokens::draw(app.now());
    let (owned, drawn, app_user, name) = (app.clone(), tokens.clone(), app_user.to_owned(), name.to_owned());
    let (profile, session) = app
        .db
        .write(move |connection| -> Result<_, ServiceError> {
            let id = account_of(&owned, connection, &app_user, &name)?;
            let mut account = profiles::find(connection, id)?;
            if account.state != AccountState::Active {
                return Err(ErrorCode::LoginFailed.into());
            }
            if account.full_name.is_empty() && !name.is_empty() {
                let changes = AccountChanges { full_name: Some(name.clone()), ..AccountChanges::default() };
                profiles::change(connection, id, account.version, &changes, None)?;
                account = profiles::find(connection, id)?;
            }
            let session = drawn.store(connection, &account)?;
            Ok((profile_of(&owned, connection, account)?, session))
        })
        .await?;
    tokens.hand_out(app, profile, session)
}

fn account_of(app: &App, connection: &mut DbConnection, app_user: &str, name: &str) -> Result<AccountId, ServiceError> {
    let known = people::by_app_user(connection, app_user)?;
    if let Some(id) = known.as_ref().and_then(|person| person.account_id) {
        return Ok(id);
    }
    let given = known.as_ref().and_then(|person| person.full_name.clone()).unwrap_or_default();
    let id = profiles::insert(
        connection,
        &NewAccount {
            kind: AccountKind::Citizen,
            username: None,
            phone: None,
            email: None,
            full_name: if name.is_empty() { given } else { name.to_owned() },
            // Only Zalo can open this account.
            password: PasswordHash::none(),
            must_change_password: false,
            agency_id: None,
            personal_id: None,
            company_name: None,
            tax_code: None,
            created_at: app.now(),
            roles: vec![Role::Citizen],
        },
    )?;
    match known {
        Some(person) => people::update(connection, &ZaloPersonRow { account_id: Some(id), ..person })?,
        None => {
            let person = ZaloPersonRow::new(None, Some(app_user.to_owned()), app.now());
            people::insert(connection, &ZaloPersonRow { account_id: Some(id), ..person })?;
        }
    }
    Ok(id)
}

/// Stores the name given in a conversation in an account without a name.
pub async fn name_from_zalo(app: &App, id: AccountId, name: &str) -> Result<(), ServiceError> {
    let name = name.to_owned();
    app.db
        .write(move |connection| {
            let account = profiles::find(connection, id)?;
            if account.full_name.is_empty() {
                let changes = AccountChanges { full_name: Some(name.clone()), ..AccountChanges::default() };
                profiles::change(connection, id, account.version, &changes, None)?;
            }
            Ok(())
        })
        .await
}
