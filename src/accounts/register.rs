//! Registration of citizens and businesses; officer accounts are created in `officers`. Takes the fields of
//! docs/contract.md §12.1, returns a signed-in account.
//!
//! Rules: a phone or an e-mail is required; company name and tax code are required for businesses and refused for
//! others; a contact is a claim until confirmed with a code, so nobody can take another person's phone by
//! registering it first.

use super::contacts;
use super::fields;
use super::profile::profile_of;
use super::sessions::{NewTokens, SignedIn, random_text};
use crate::accounts::rules::password::{Password, SHORTEST_PASSWORD};
use crate::accounts::store::profiles;
use crate::app::App;
use crate::db::idempotency::{self, RequestKey};
use crate::db::service_error::ServiceError;
use crate::kernel::account::{AccountKind, ContactKind, NewAccount, PasswordHash, Role};
use crate::kernel::client_address::ClientInfo;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::{AccountId, SessionId};
use crate::kernel::{Instant, text};
use serde::{Deserialize, Serialize};

/// The fields of a registration.
#[derive(Clone)]
pub struct Registration {
    /// Citizen or business.
    pub account_kind: AccountKind,
    /// Name of the person; for a business, of its representative.
    pub full_name: String,
    /// Phone in any Vietnamese spelling.
    pub phone: Option<String>,
    pub email: Option<String>,
    pub password: String,
    /// Số định danh cá nhân (personal identification number).
    pub personal_id: Option<String>,
    pub company_name: Option<String>,
    pub tax_code: Option<String>,
}

/// The stored record of a registration, to answer a repeated idempotency key; contains no secret and no personal
/// data.
#[derive(Clone, Serialize, Deserialize)]
struct RegistrationRecord {
    account: AccountId,
    session: SessionId,
    at: Instant,
}

/// Creates the account and signs it in. With an idempotency key it is created once, and repetitions get the first
/// tokens.
///
/// # Errors
/// [`ServiceError::Invalid`] with every invalid field, `taken` when another account has confirmed the phone or the
/// e-mail; [`IdempotencyKeyReused`](crate::kernel::error_code::ErrorCode::IdempotencyKeyReused).
pub async fn register(
    app: &App,
    registration: &Registration,
    visitor: &ClientInfo,
    key: Option<RequestKey>,
) -> Result<SignedIn, ServiceError> {
    let now = app.now();
    let (mut new, said, password) = checked(registration, now)?;
    new.password = app.passwords.hash(password).await?;
    let salt = random_text();
    let tokens = tokens(app, &salt, key.as_ref(), now)?.on(visitor.device.clone());
    let (owned, drawn, asked, source) = (app.clone(), tokens.clone(), key.clone(), visitor.source.clone());
    let (answered, profile) = app
        .db
        .write(move |connection| -> Result<_, ServiceError> {
            let answered = idempotency::once(connection, asked.as_ref(), &salt, now, |connection, _| {
                let id = profiles::insert(connection, &new)?;
                let said = said.each_ref().map(|(kind, value)| (*kind, value.as_deref()));
                contacts::register(&owned, connection, id, &said, &source, now)?;
                let account = profiles::find(connection, id)?;
                Ok(RegistrationRecord { account: id, session: drawn.store(connection, &account)?, at: now })
            })?;
            let account = profiles::find(connection, answered.body.account)?;
            Ok((answered, profile_of(&owned, connection, account)?))
        })
        .await
        .map_err(fields::taken)?;
    let first = answered.body;
    let tokens = if answered.is_repeated { self::tokens(app, &answered.salt, key.as_ref(), first.at)? } else { tokens };
    tokens.hand_out(app, profile, first.session)
}

fn tokens(app: &App, salt: &str, key: Option<&RequestKey>, now: Instant) -> Result<NewTokens, ServiceError> {
    key.map_or_else(|| Ok(NewTokens::draw(now)), |key| NewTokens::for_key(app, salt, key, now))
}

/// The contacts of a registration.
type RegistrationContacts = [(ContactKind, Option<String>); 2];

fn checked(registration: &Registration, now: Instant) -> Result<(NewAccount, RegistrationContacts, Password), ServiceError> {
    let mut problems = FieldProblems::default();
    let role = match registration.account_kind {
        AccountKind::Citizen => Some(Role::Citizen),
        AccountKind::Business => Some(Role::Business),
        AccountKind::Officer => {
            let petitioners = [AccountKind::Citizen, AccountKind::Business].map(|kind| kind.as_str().to_owned());
            problems.take("account_kind", Err(FieldRule::OneOf(petitioners.to_vec())))
        }
    };
    let full_name = fields::required(&mut problems, "full_name", Some(&registration.full_name), fields::full_name);
    let phone = fields::optional(&mut problems, "phone", registration.phone.as_deref(), fields::phone);
    let email = fields::optional(&mut problems, "email", registration.email.as_deref(), fields::email);
    let personal_id = fields::optional(&mut problems, "personal_id", registration.personal_id.as_deref(), fields::personal_id);
    if phone.is_none() && email.is_none() && problems_name_no_contact(registration) {
        problems.add("phone", FieldRule::Required);
    }
    let (company_name, tax_code) = company(&mut problems, registration);
    let company = [company_name.as_deref(), tax_code.as_deref()];
    let own = [phone.as_deref(), email.as_deref(), full_name.as_deref(), personal_id.as_deref()];
    let own: Vec<Option<&str>> = own.into_iter().chain(company).collect();
    let password = fields::new_password(&mut problems, "password", (&registration.password, SHORTEST_PASSWORD), &own);
    problems.finish()?;
    let (Some(role), Some(full_name), Some(password)) = (role, full_name, password) else {
        return Err(ServiceError::Internal("a checked registration is incomplete"));
    };
    let account = NewAccount {
        kind: registration.account_kind,
        username: None,
        phone: None,
        email: None,
        full_name,
        password: PasswordHash(String::new()),
        must_change_password: false,
        agency_id: None,
        personal_id,
        company_name,
        tax_code,
        created_at: now,
        roles: vec![role],
    };
    Ok((account, [(ContactKind::Phone, phone), (ContactKind::Email, email)], password))
}

/// A contact that was given but is invalid is already reported, so a missing contact is not reported as well.
fn problems_name_no_contact(registration: &Registration) -> bool {
    let blank = |text: &Option<String>| text.as_deref().is_none_or(text::is_empty);
    blank(&registration.phone) && blank(&registration.email)
}

fn company(problems: &mut FieldProblems, registration: &Registration) -> (Option<String>, Option<String>) {
    let (name, code) = (registration.company_name.as_deref(), registration.tax_code.as_deref());
    if registration.account_kind == AccountKind::Business {
        let name = fields::required(problems, "company_name", name, fields::company_name);
        return (name, fields::required(problems, "tax_code", code, fields::tax_code));
    }
    for (field, text) in [("company_name", name), ("tax_code", code)] {
        if text.is_some() {
            problems.add(field, FieldRule::NotAllowed);
        }
    }
    (None, None)
}
