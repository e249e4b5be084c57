//! Validation of account fields, the same for every caller.
//!
//! Called by `register`, `own_account`, `officers` and `import`; the format rules themselves live in the domain
//! types.

use crate::accounts::rules::password::Password;
use crate::accounts::store::profiles::LoginName;
use crate::db::service_error::ServiceError;
use crate::db::{Constraint, StorageError};
use crate::kernel::email::Email;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::personal_id::PersonalId;
use crate::kernel::phone::Phone;
use crate::kernel::tax_code::TaxCode;
use crate::kernel::text::{self, clean_line};

/// Maximum characters of a person's or company's name.
pub(super) const LONGEST_NAME: usize = 200;

pub(crate) fn full_name(text: &str) -> Result<String, FieldRule> {
    clean_line(text, 2, LONGEST_NAME)
}

pub(crate) fn company_name(text: &str) -> Result<String, FieldRule> {
    clean_line(text, 2, LONGEST_NAME)
}

/// Parses a phone number to E.164.
pub(crate) fn phone(text: &str) -> Result<String, FieldRule> {
    text.parse::<Phone>().map(Phone::into_string)
}

/// Parses an e-mail address to lower case.
pub(crate) fn email(text: &str) -> Result<String, FieldRule> {
    text.parse::<Email>().map(Email::into_string)
}

pub(crate) fn personal_id(text: &str) -> Result<String, FieldRule> {
    text.parse::<PersonalId>().map(PersonalId::into_string)
}

pub(crate) fn tax_code(text: &str) -> Result<String, FieldRule> {
    text.parse::<TaxCode>().map(TaxCode::into_string)
}

/// Validates an optional field; empty counts as missing.
pub(crate) fn optional(
    problems: &mut FieldProblems,
    field: &str,
    text: Option<&str>,
    check: impl Fn(&str) -> Result<String, FieldRule>,
) -> Option<String> {
    let text = text.filter(|text| !text::is_empty(text))?;
    problems.take(field, check(text))
}

/// Validates a required field.
pub(crate) fn required(
    problems: &mut FieldProblems,
    field: &str,
    text: Option<&str>,
    check: impl Fn(&str) -> Result<String, FieldRule>,
) -> Option<String> {
    match text.filter(|text| !text::is_empty(text)) {
        Some(text) => problems.take(field, check(text)),
        None => problems.take(field, Err(FieldRule::Required)),
    }
}

/// Validates a new password: minimum length, and not derived from the words of its own account.
pub(crate) fn new_password(
    problems: &mut FieldProblems,
    field: &str,
    (text, shortest): (&str, usize),
    own: &[Option<&str>],
) -> Option<Password> {
    let password = problems.take(field, Password::parse(text, shortest))?;
    let own: Vec<&str> = own.iter().copied().flatten().collect();
    if password.is_guessable(&own) {
        problems.add(field, FieldRule::WeakPassword);
        return None;
    }
    Some(password)
}

/// Returns every way to read the text as an account name. User names contain a letter, phones do not, and only
/// e-mails contain an `@`.
pub(super) fn login_name(text: &str) -> LoginName {
    LoginName {
        username: Some(text.trim().to_lowercase()).filter(|name| !name.is_empty()),
        phone: phone(text).ok(),
        email: email(text).ok(),
    }
}

/// Returns the canonical spelling of a sign-in name.
pub(super) fn one_spelling(text: &str) -> String {
    let LoginName { username, phone, email } = login_name(text);
    phone.or(email).or(username).unwrap_or_default()
}

/// Converts a uniqueness conflict into an error on the field. This reveals that an account exists, but the person
/// has to know; the rate limit makes guessing at scale impractical.
pub(crate) fn taken(error: ServiceError) -> ServiceError {
    let field = match &error {
        ServiceError::Storage(StorageError::Conflict(Constraint::AccountUsername)) => "username",
        ServiceError::Storage(StorageError::Conflict(Constraint::AccountPhone)) => "phone",
        ServiceError::Storage(StorageError::Conflict(Constraint::AccountEmail)) => "email",
        _ => return error,
    };
    ServiceError::invalid(field, FieldRule::Taken)
}
