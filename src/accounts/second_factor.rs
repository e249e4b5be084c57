//! Second factor: six-digit codes that change every 30 seconds (TOTP, RFC 6238), from an authenticator app.
//!
//! Enrolment takes the password and returns a secret with its QR code; confirming it with the first code returns
//! ten recovery codes, shown once. Rules: each code and each recovery code is valid once; the secret is stored
//! encrypted, recovery codes as keyed hashes; an account whose role requires a second factor cannot remove it.

use super::audit_events;
use super::authenticate::OwnAccount;
use super::contacts;
use super::login_throttle::{LoginAttempt, throttled};
use super::reauthentication::{Reauthentication, reauthenticate};
use crate::accounts::rules::password::Password;
use crate::accounts::store::second_factors::{self, SecondFactorRow};
use crate::accounts::store::{profiles, sessions};
use crate::app::App;
use crate::audit::{self, AuditActor};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::account::{AccountChange, ContactKind, Role};
use crate::kernel::client_address::ClientInfo;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::AccountId;
use data_encoding::BASE32_NOPAD;
use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Builder, Totp};

/// Domain separator of the encryption.
const PURPOSE: &str = "second factor";
const RECOVERY: &str = "recovery code";
/// Bytes of a secret (RFC 4226, 4 R6: 160 bits).
const SECRET_BYTES: usize = 20;
/// Seconds of a time step (RFC 6238, 5.2).
const STEP_SECONDS: u64 = 30;
/// Number of recovery codes.
const RECOVERY_CODES: usize = 10;
/// Characters that cannot be confused with one another when read from paper.
const EASY_TO_READ: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// The issuer shown in the authenticator app.
const ISSUER: &str = "PAKN Bắc Ninh";

/// The secret for the authenticator app; returned once and not readable afterwards.
#[derive(Clone)]
pub struct Enrolment {
    /// The secret in base32, for typing.
    pub secret: String,
    /// The `otpauth://` URL with the secret.
    pub otpauth_url: String,
    /// The URL as a QR code (SVG).
    pub qr_svg: String,
}

/// Returns whether these roles require a second factor.
pub(crate) fn is_needed(app: &App, roles: &[Role]) -> bool {
    roles.iter().any(|role| app.config.second_factor_roles.contains(role))
}

/// Returns whether the account has a confirmed second factor.
pub(crate) fn is_confirmed(connection: &mut DbConnection, account: AccountId) -> Result<bool, ServiceError> {
    Ok(second_factors::find(connection, account)?.is_some_and(|row| row.confirmed_at.is_some()))
}

/// Starts an enrolment and returns the secret. The second factor is not required until a first code confirms it; a
/// second call replaces the secret.
///
/// # Errors
/// [`ErrorCode::WrongPassword`], [`ErrorCode::SecondFactorPresent`], [`ErrorCode::TooManyAttempts`].
pub async fn begin(app: &App, own: &OwnAccount, visitor: &ClientInfo, password: Option<&str>) -> Result<Enrolment, ServiceError> {
    reauthenticate(app, own, visitor, Reauthentication::password(password)).await?;
    let secret = BASE32_NOPAD.encode(&rand::random::<[u8; SECRET_BYTES]>());
    let sealed = app.seal.close(PURPOSE, &secret).ok_or(ServiceError::Internal("a second factor could not be sealed"))?;
    let (id, now) = (own.actor.account_id, app.now());
    let name = app
        .db
        .write(move |connection| {
            if is_confirmed(connection, id)? {
                return Err(ServiceError::from(ErrorCode::SecondFactorPresent));
            }
            let row = SecondFactorRow { account_id: id, secret: sealed.clone(), begun_at: now, confirmed_at: None, last_step: 0 };
            second_factors::put(connection, &row)?;
            let account = profiles::find(connection, id)?;
            let contact = || account.contact(ContactKind::Email).or(account.contact(ContactKind::Phone)).map(str::to_owned);
            Ok(account.username.clone().or_else(contact).unwrap_or_else(|| id.to_string()))
        })
        .await?;
    let otpauth_url = codes(&secret, &name)?.to_url().map_err(|_| ServiceError::Internal("a second factor has no link"))?;
    let qr_svg = picture(&otpauth_url)?;
    Ok(Enrolment { secret, otpauth_url, qr_svg })
}

/// Confirms the enrolment with a first code; from now on a code is required at sign-in. Ends every other session
/// and returns the recovery codes.
///
/// # Errors
/// [`ErrorCode::TotpWrong`], [`ErrorCode::SecondFactorPresent`], [`ErrorCode::SecondFactorMissing`].
pub async fn confirm(app: &App, own: &OwnAccount, code: &str) -> Result<Vec<String>, ServiceError> {
    let (id, now, keep) = (own.actor.account_id, app.now(), own.session);
    let (owned, code, fresh) = (app.clone(), code.to_owned(), draw_recovery_codes());
    let hashes = hashes(app, id, &fresh);
    let event = audit_events::holder(&own.actor, "confirm_second_factor");
    audit::transaction(app, &AuditActor::account(&own.actor), move |connection| {
        let row = second_factors::find(connection, id)?.ok_or(ErrorCode::SecondFactorMissing)?;
        if row.confirmed_at.is_some() {
            return Err(ServiceError::from(ErrorCode::SecondFactorPresent));
        }
        if !consume_code(&owned, connection, id, &code)? {
            return Err(ErrorCode::TotpWrong.into());
        }
        let confirmed = second_factors::find(connection, id)?.ok_or(ErrorCode::SecondFactorMissing)?;
        second_factors::put(connection, &SecondFactorRow { confirmed_at: Some(now), ..confirmed })?;
        second_factors::put_recovery_codes(connection, id, &hashes)?;
        contacts::notify(&owned, connection, id, AccountChange::SecondFactor, now)?;
        sessions::end_all(connection, id, Some(keep), now)?;
        Ok(((), event.clone()))
    })
    .await?;
    tracing::info!(account = %id, "second factor enabled");
    Ok(fresh)
}

/// Removes the second factor.
///
/// # Errors
/// [`ErrorCode::SecondFactorNeeded`] for roles that require one, [`ErrorCode::SecondFactorMissing`],
/// [`ErrorCode::WrongPassword`], [`ErrorCode::TotpWrong`], [`ErrorCode::TooManyAttempts`].
pub async fn disable(
    app: &App,
    own: &OwnAccount,
    visitor: &ClientInfo,
    (password, code): (Option<&str>, &str),
) -> Result<(), ServiceError> {
    if is_needed(app, &own.actor.roles) {
        return Err(ErrorCode::SecondFactorNeeded.into());
    }
    reauthenticate(app, own, visitor, Reauthentication::password(password)).await?;
    prove_code(app, own, visitor, code).await?;
    let (owned, id, now) = (app.clone(), own.actor.account_id, app.now());
    let event = audit_events::holder(&own.actor, "give_up_second_factor");
    let give_up = move |connection: &mut DbConnection| {
        second_factors::remove(connection, id)?;
        contacts::notify(&owned, connection, id, AccountChange::SecondFactor, now)?;
        Ok::<_, ServiceError>(((), event.clone()))
    };
    audit::transaction(app, &AuditActor::account(&own.actor), give_up).await?;
    tracing::info!(account = %id, "second factor disabled by its owner");
    Ok(())
}

/// Replaces the recovery codes with new ones.
///
/// # Errors
/// [`ErrorCode::SecondFactorMissing`], [`ErrorCode::TotpWrong`], [`ErrorCode::TooManyAttempts`].
pub async fn renew_recovery_codes(
    app: &App,
    own: &OwnAccount,
    visitor: &ClientInfo,
    code: &str,
) -> Result<Vec<String>, ServiceError> {
    prove_code(app, own, visitor, code).await?;
    let (owned, id, now, fresh) = (app.clone(), own.actor.account_id, app.now(), draw_recovery_codes());
    let hashes = hashes(app, id, &fresh);
    let event = audit_events::holder(&own.actor, "renew_recovery_codes");
    let renew = move |connection: &mut DbConnection| {
        second_factors::put_recovery_codes(connection, id, &hashes)?;
        contacts::notify(&owned, connection, id, AccountChange::SecondFactor, now)?;
        Ok::<_, ServiceError>(((), event.clone()))
    };
    audit::transaction(app, &AuditActor::account(&own.actor), renew).await?;
    Ok(fresh)
}

/// Verifies the password of a signed-in account: a session alone is not enough for security-relevant changes.
///
/// # Errors
/// [`ErrorCode::WrongPassword`], [`ErrorCode::TooManyAttempts`].
pub(super) async fn prove_password(
    app: &App,
    own: &OwnAccount,
    visitor: &ClientInfo,
    password: &str,
) -> Result<(), ServiceError> {
    let id = own.actor.account_id;
    let attempt = LoginAttempt::of_account(app, id, visitor);
    let proven = throttled(app, &attempt, async {
        let hash = app.db.read(move |connection| Ok::<_, ServiceError>(profiles::password_of(connection, id)?)).await?;
        Ok(app.passwords.matches(Password::attempt(password), Some(hash)).await?.then_some(()))
    });
    proven_or(app, own, proven.await?, ("fail_password", ErrorCode::WrongPassword)).await
}

/// Records a failed proof of an officer in the audit log.
async fn proven_or(
    app: &App,
    own: &OwnAccount,
    proven: Option<()>,
    (action, code): (&str, ErrorCode),
) -> Result<(), ServiceError> {
    if proven.is_some() {
        return Ok(());
    }
    let failure = audit_events::holder(&own.actor, action);
    audit::transaction(app, &AuditActor::account(&own.actor), move |_| Ok::<_, ServiceError>(((), failure.clone()))).await?;
    Err(code.into())
}

pub(super) async fn prove_code(app: &App, own: &OwnAccount, visitor: &ClientInfo, code: &str) -> Result<(), ServiceError> {
    let id = own.actor.account_id;
    let attempt = LoginAttempt::of_account(app, id, visitor);
    let proven = throttled(app, &attempt, async {
        let (owned, code) = (app.clone(), code.to_owned());
        app.db
            .write(move |connection| {
                if !is_confirmed(connection, id)? {
                    return Err(ErrorCode::SecondFactorMissing.into());
                }
                Ok::<_, ServiceError>(consume_code(&owned, connection, id, &code)?.then_some(()))
            })
            .await
    });
    proven_or(app, own, proven.await?, ("fail_second_factor", ErrorCode::TotpWrong)).await
}

/// Consumes a TOTP or recovery code; returns `false` if it is invalid or already used.
pub(crate) fn consume_code(
    app: &App,
    connection: &mut DbConnection,
    account: AccountId,
    code: &str,
) -> Result<bool, ServiceError> {
    let Some(row) = second_factors::find(connection, account)? else { return Ok(false) };
    let plain: String = code.chars().filter(|character| character.is_alphanumeric()).collect();
    if plain.len() != 6 || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        let words = recovery_words(account, &plain);
        for hash in app.seal.all(RECOVERY, &words).filter(|_| row.confirmed_at.is_some()) {
            if second_factors::use_recovery_code(connection, account, &hash)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    let secret = app.seal.open(PURPOSE, &row.secret).ok_or(ServiceError::Internal("a second factor cannot be opened"))?;
    let seconds = u64::try_from(app.now().utc().timestamp()).unwrap_or_default();
    let Some(step) = codes(&secret, "account")?.check(&plain, seconds) else { return Ok(false) };
    Ok(second_factors::use_step(connection, account, i64::try_from(step).unwrap_or(i64::MAX))?)
}

/// Removes the second factor of an account, on behalf of an administrator.
pub(crate) fn remove(connection: &mut DbConnection, account: AccountId) -> Result<bool, ServiceError> {
    Ok(second_factors::remove(connection, account)?)
}

fn codes(secret: &str, name: &str) -> Result<Totp, ServiceError> {
    let failed = || ServiceError::Internal("a second factor cannot be used");
    let bytes = BASE32_NOPAD.decode(secret.as_bytes()).map_err(|_| failed())?;
    // A colon would end the account name in the URL.
    let name = name.replace(':', " ");
    let builder = Builder::new().with_secret(bytes).with_step_duration(STEP_SECONDS).with_skew(1);
    builder.with_account_name(name).with_issuer(Some(ISSUER)).build().map_err(|_| failed())
}

fn draw_recovery_codes() -> Vec<String> {
    let letter = || usize::from(rand::random::<u16>()) % EASY_TO_READ.len();
    let half = || (0..5).filter_map(|_| EASY_TO_READ.get(letter()).copied()).map(char::from).collect::<String>();
    (0..RECOVERY_CODES).map(|_| format!("{}-{}", half(), half())).collect()
}

fn hashes(app: &App, account: AccountId, codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| app.seal.of(RECOVERY, &recovery_words(account, &code.replace('-', "")))).collect()
}

fn recovery_words(account: AccountId, plain: &str) -> String {
    format!("{account} {}", plain.to_lowercase())
}

/// Renders a QR code in black on white with its quiet zone, one square per module.
fn picture(text: &str) -> Result<String, ServiceError> {
    const BORDER: i32 = 4;
    let code =
        QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| ServiceError::Internal("a link is too long for a picture"))?;
    let side = code.size() + 2 * BORDER;
    let dark = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y))).filter(|(x, y)| code.get_module(*x, *y));
    let path: String = dark.map(|(x, y)| format!("M{},{}h1v1h-1z", x + BORDER, y + BORDER)).collect();
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"320\" height=\"320\" role=\"img\" \
         shape-rendering=\"crispEdges\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        // RFC 6238, appendix B, SHA-1; six of the eight digits.
        let codes = codes(&BASE32_NOPAD.encode(b"12345678901234567890"), "an").unwrap();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(codes.generate(seconds).to_string(), code);
        }
    }

    #[test]
    fn recovery_codes_differ_and_can_be_read_from_paper() {
        let drawn = draw_recovery_codes();
        assert_eq!(drawn.len(), RECOVERY_CODES);
        assert!(drawn.iter().all(|code| code.len() == 11 && code.bytes().all(|b| b == b'-' || EASY_TO_READ.contains(&b))));
        assert!(drawn.iter().enumerate().all(|(at, code)| !drawn[..at].contains(code)));
    }

    #[test]
    fn a_picture_holds_the_link() {
        let svg = picture("otpauth://totp/PAKN:an?secret=GEZDGNBVGY3TQOJQ").unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("M4,4h1"), "the corner of the first finder pattern is dark");
    }
}
