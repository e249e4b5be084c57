//! How the fields of accounts are checked, the same for everybody who fills them in.
//!
//! Called by `register`, `own_account`, `officers` and `import`; every rule itself lives with its word in the domain.

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

/// The most characters of a person's or a company's name.
pub(super) const LONGEST_NAME: usize = 200;

/// A person's name.
pub(crate) fn full_name(text: &str) -> Result<String, FieldRule> {
    clean_line(text, 2, LONGEST_NAME)
}

/// A company's name.
pub(crate) fn company_name(text: &str) -> Result<String, FieldRule> {
    clean_line(text, 2, LONGEST_NAME)
}

/// A phone in E.164.
pub(crate) fn phone(text: &str) -> Result<String, FieldRule> {
    text.parse::<Phone>().map(Phone::into_string)
}

/// An e-mail address in lower case.
pub(crate) fn email(text: &str) -> Result<String, FieldRule> {
    text.parse::<Email>().map(Email::into_string)
}

/// A personal identification number.
pub(crate) fn personal_id(text: &str) -> Result<String, FieldRule> {
    text.parse::<PersonalId>().map(PersonalId::into_string)
}

/// A tax code.
pub(crate) fn tax_code(text: &str) -> Result<String, FieldRule> {
    text.parse::<TaxCode>().map(TaxCode::into_string)
}

/// Checks a field that may be left out or empty.
pub(crate) fn optional(
    problems: &mut FieldProblems,
    field: &str,
    text: Option<&str>,
    check: impl Fn(&str) -> Result<String, FieldRule>,
) -> Option<String> {
    let text = text.filter(|text| !text::is_empty(text))?;
    problems.take(field, check(text))
}

/// Checks a field that has to be there.
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

/// Checks a new password of so many characters at least against the words of its own account.
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

/// Every way in which the text may name an account. User names hold a letter, phones do not, and only e-mails hold an `@`.
pub(super) fn login_name(text: &str) -> LoginName {
    LoginName {
        username: Some(text.trim().to_lowercase()).filter(|name| !name.is_empty()),
        phone: phone(text).ok(),
        email: email(text).ok(),
    }
}

/// A name to sign in with, in the one spelling that all of its spellings share.
pub(super) fn one_spelling(text: &str) -> String {
    let LoginName { username, phone, email } = login_name(text);
    phone.or(email).or(username).unwrap_or_default()
}

/// Tells which field is taken when another account has the value already. The person has to be told, even though it shows
/// that an account exists; guessing at scale is held back by the limit on attempts.
pub(crate) fn taken(error: ServiceError) -> ServiceError {
    let field = match &error {
        ServiceError::Storage(StorageError::Conflict(Constraint::AccountUsername)) => "username",
        ServiceError::Storage(StorageError::Conflict(Constraint::AccountPhone)) => "phone",
        ServiceError::Storage(StorageError::Conflict(Constraint::AccountEmail)) => "email",
        _ => return error,
    };
    ServiceError::invalid(field, FieldRule::Taken)
}
