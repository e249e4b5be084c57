//! The Mini App. Enters: a token issued by Zalo. Leaves: a signed-in account, its phone number, or the person's
//! location.
//!
//! The user id Zalo assigns for our application is the only credential of such an account; the name may be missing
//! until the person consents.

use crate::accounts::{self, Profile, SignedIn};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::delivery::channels::{ZaloResponse, code_of};
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::integrations::zalo::rules::place;
use crate::integrations::zalo::store::people;
use crate::kernel::account::{Actor, ContactKind};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::location::Location;
use crate::kernel::phone::Phone;
use crate::kernel::text;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Maximum length of a token passed on to Zalo.
const MOST_TOKEN: usize = 4096;

/// A commune that a place may lie in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NearbyArea {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// Where a person is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ZaloLocation {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// The communes that it may be, nearest first; empty where centres are not known, or outside the province.
    pub areas: Vec<NearbyArea>,
}

/// Signs in; creates the account on first sign-in.
///
/// # Errors
/// [`ErrorCode::ZaloNotSetUp`], [`ErrorCode::ZaloTokenRefused`], [`ErrorCode::ZaloAway`], `LoginFailed` for a
/// disabled account.
pub async fn sign_in(app: &App, access_token: &str) -> Result<SignedIn, ServiceError> {
    let (id, name) = profile(app, access_token).await?;
    crate::integrations::zalo::sign_in::sign_in_from_zalo(app, &id, &name).await
}

/// Returns user id and name for a token.
async fn profile(app: &App, access_token: &str) -> Result<(String, String), ServiceError> {
    let channel = super::channel(app)?;
    checked("access_token", access_token)?;
    let answer = said(channel.profile(access_token).await)?;
    let id = match answer.get("id") {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => return Err(ErrorCode::ZaloTokenRefused.into()),
    };
    if id.is_empty() || id.len() > 64 {
        return Err(ErrorCode::ZaloTokenRefused.into());
    }
    let name = answer.get("name").and_then(Value::as_str).and_then(|name| text::clean_line(name, 1, 100).ok());
    Ok((id, name.unwrap_or_default()))
}

/// Returns the response unless it is an error.
fn said(reply: ZaloResponse) -> Result<Value, ServiceError> {
    match reply {
        ZaloResponse::Answered(answer) if code_of(&answer).is_none_or(|code| code == 0) && !is_error_object(&answer) => {
            Ok(answer)
        }
        ZaloResponse::Answered(_) | ZaloResponse::TokenRefused => Err(ErrorCode::ZaloTokenRefused.into()),
        ZaloResponse::Unreached(problem) | ZaloResponse::Uncertain(problem) => {
            tracing::warn!(%problem, "Zalo profile request failed");
            Err(ErrorCode::ZaloAway.into())
        }
    }
}

/// Some API versions respond `{"error": {"code": …}}`.
fn is_error_object(answer: &Value) -> bool {
    answer.get("error").is_some_and(Value::is_object)
}

fn checked(field: &'static str, token: &str) -> Result<(), ServiceError> {
    if token.is_empty() {
        return Err(ServiceError::invalid(field, FieldRule::Required));
    }
    if token.len() > MOST_TOKEN {
        return Err(ServiceError::invalid(field, FieldRule::TooLong(MOST_TOKEN)));
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ServiceError::invalid(field, FieldRule::ControlCharacter));
    }
    Ok(())
}

/// Resolves a one-time token, but only for the person whose account it is.
async fn info(app: &App, actor: &Actor, access_token: &str, code: &str) -> Result<Value, ServiceError> {
    let channel = super::channel(app)?;
    checked("access_token", access_token)?;
    checked("code", code)?;
    let account = actor.account_id;
    let person = app.db.read(move |connection| Ok::<_, ServiceError>(people::by_account(connection, account)?)).await?;
    let linked = person.and_then(|person| person.app_user_id).ok_or(ErrorCode::ZaloNotLinked)?;
    let (id, _) = profile(app, access_token).await?;
    if id != linked {
        return Err(ErrorCode::ZaloNotLinked.into());
    }
    let answer = said(channel.info(access_token, code).await)?;
    answer.get("data").cloned().ok_or_else(|| ErrorCode::ZaloTokenRefused.into())
}

/// Stores the phone number verified by Zalo in the account.
///
/// # Errors
/// [`ErrorCode::ZaloNotLinked`], [`ErrorCode::ZaloTokenRefused`], [`ErrorCode::ZaloAway`]; `taken` on `phone` when
/// another account has it.
pub async fn take_phone(app: &App, actor: &Actor, access_token: &str, code: &str) -> Result<Profile, ServiceError> {
    let data = info(app, actor, access_token, code).await?;
    let number = match data.get("number") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(ErrorCode::ZaloTokenRefused.into()),
    };
    let phone: Phone = number.parse().map_err(|rule| ServiceError::invalid("phone", rule))?;
    accounts::accept_verified(app, actor.account_id, ContactKind::Phone, &phone.to_string()).await
}

/// Returns the person's location and the communes it may be in.
///
/// # Errors
/// As [`take_phone`]; `OutsideVietnam` on `location`.
pub async fn locate(app: &App, actor: &Actor, access_token: &str, code: &str) -> Result<ZaloLocation, ServiceError> {
    let data = info(app, actor, access_token, code).await?;
    let number = |name: &str| match data.get(name) {
        Some(Value::String(text)) => text.trim().parse::<f64>().ok(),
        Some(value) => value.as_f64(),
        None => None,
    };
    let (Some(latitude), Some(longitude)) = (number("latitude"), number("longitude")) else {
        return Err(ErrorCode::ZaloTokenRefused.into());
    };
    Location::new(latitude, longitude).map_err(|problem| ServiceError::invalid("location", problem.rule))?;
    let directory = directory::snapshot(app).await?;
    let areas = nearby(&directory, app, (latitude, longitude));
    Ok(ZaloLocation { latitude, longitude, areas })
}

fn nearby(directory: &Directory, app: &App, point: (f64, f64)) -> Vec<NearbyArea> {
    let found = place::around(directory, app.now().local_date(), point);
    found.into_iter().map(|choice| NearbyArea { code: choice.code, name: choice.name }).collect()
}
