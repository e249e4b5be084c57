//! API keys: administration and authentication.

use crate::accounts::rules::api_scope::ApiScope;
use crate::app::App;
use crate::audit::{AuditActor, AuditEvent};
use crate::db::idempotency::RequestKey;
use crate::db::service_error::ServiceError;
use crate::directory::{ChangeScope, admin_change, admin_create, checks};
use crate::integrations::partner_api::store::{self, ApiKeyRow};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::ApiKeyId;
use crate::kernel::paging::KeysetPage;
use crate::kernel::{Instant, text};
use crate::petitions::rules::Channel;
use chrono::{Duration, Timelike};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// Prefix that makes a leaked key recognisable.
const PREFIX: &str = "pakn_";
/// Default requests per hour.
const USUAL_LIMIT: i32 = 600;
/// Maximum configurable limit.
const HIGHEST_LIMIT: i32 = 1_000_000;

/// A key as administrators see it; never the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiKeyRecord {
    /// Row number, for the paths of this API.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// Whose it is; two keys of one partner see the same petitions.
    pub partner: String,
    /// What it opens.
    pub scope: ApiScope,
    /// How petitions filed with it came in.
    pub channel: Channel,
    /// How often it may come in an hour.
    pub requests_per_hour: i32,
    /// When it was made.
    pub created_at: Instant,
    /// When it ended.
    #[schema(required)]
    pub ended_at: Option<Instant>,
    /// Raised by every change; for `If-Match`.
    pub version: i32,
}

/// A key that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WithKey {
    /// The key's record.
    #[serde(flatten)]
    pub record: ApiKeyRecord,
    /// The key, which is shown only here.
    pub key: String,
}

/// A new key.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// Its name, 1–100 characters.
    pub name: String,
    /// Whose it is, 1–50 characters; the name when absent.
    pub partner: Option<String>,
    /// What it opens.
    pub scope: ApiScope,
    /// How petitions filed with it came in; `open311` or `national_portal` by the scope when absent.
    pub channel: Option<Channel>,
    /// How often it may come in an hour; 600 when absent.
    pub requests_per_hour: Option<i32>,
}

fn record(row: &ApiKeyRow) -> ApiKeyRecord {
    ApiKeyRecord {
        id: row.id,
        name: row.name.clone(),
        partner: row.partner.clone(),
        scope: row.scope,
        channel: row.channel,
        requests_per_hour: row.requests_per_hour,
        created_at: row.created_at,
        ended_at: row.ended_at,
        version: row.version,
    }
}

/// Returns one page in order of creation.
pub async fn list(app: &App, after: Option<ApiKeyId>, limit: i64) -> Result<KeysetPage<ApiKeyRecord, ApiKeyId>, ServiceError> {
    let rows = app.db.read(move |connection| Ok::<_, ServiceError>(store::all(connection)?)).await?;
    Ok(KeysetPage::of(rows.iter().map(record), |record| record.id, after, limit))
}

/// Creates a key. The same idempotency key returns the same record, but without the secret.
///
/// # Errors
/// 422 for each invalid field; those of the idempotency key.
pub async fn create(app: &App, by: &AuditActor, new: NewApiKey, key: Option<RequestKey>) -> Result<WithKey, ServiceError> {
    let secret = format!("{PREFIX}{}", secret(app));
    let row = checked(&new, &secret, app.now())?;
    let record = admin_create(app, by, key, move |connection, _| {
        let id = store::insert(connection, &row)?;
        let record = record(&ApiKeyRow { id, ..row.clone() });
        let event = AuditEvent::new("create_api_key", "api_key", id).created(&record);
        Ok((record, ChangeScope::Nothing, event))
    })
    .await?;
    // A repeated request gets the first record; its secret was different and is not stored, so it cannot be shown
    // again.
    let id = record.id;
    let stored = app.db.read(move |connection| Ok::<_, ServiceError>(store::find(connection, id)?)).await?;
    let is_this = stored.is_some_and(|row| row.key_hash == hash(&secret));
    Ok(WithKey { record, key: if is_this { secret } else { String::new() } })
}

/// Generates a 256-bit random secret of letters and digits.
pub(crate) fn secret(app: &App) -> String {
    let bytes: Vec<u8> = (0..4).flat_map(|_| app.entropy.bits().to_be_bytes()).collect();
    BASE32_NOPAD.encode(&bytes).to_lowercase()
}

fn checked(new: &NewApiKey, secret: &str, now: Instant) -> Result<ApiKeyRow, ServiceError> {
    let mut problems = FieldProblems::default();
    let name = problems.take("name", text::clean_line(&new.name, 1, 100)).unwrap_or_default();
    let partner = new.partner.as_ref().map(|partner| text::clean_line(partner, 1, 50));
    let partner = partner.map_or_else(|| Some(name.clone()), |partner| problems.take("partner", partner)).unwrap_or_default();
    let requests_per_hour = new.requests_per_hour.unwrap_or(USUAL_LIMIT);
    if !(1..=HIGHEST_LIMIT).contains(&requests_per_hour) {
        problems.add("requests_per_hour", FieldRule::Between("1".to_owned(), HIGHEST_LIMIT.to_string()));
    }
    let usual = match new.scope {
        ApiScope::Open311 => Channel::Open311,
        ApiScope::Partner => Channel::NationalPortal,
    };
    let channel = new.channel.unwrap_or(usual);
    if new.scope == ApiScope::Open311 && channel != Channel::Open311 {
        problems.add("channel", FieldRule::NotAllowed);
    }
    problems.finish()?;
    Ok(ApiKeyRow {
        id: ApiKeyId(0),
        name,
        partner,
        key_hash: hash(secret),
        scope: new.scope,
        channel,
        requests_per_hour,
        created_at: now,
        ended_at: None,
        version: 1,
    })
}

/// Ends a key at once.
///
/// # Errors
/// [`ErrorCode::ApiKeyNotFound`], [`ErrorCode::StaleVersion`], [`ErrorCode::AlreadyEnded`].
pub async fn end(app: &App, by: &AuditActor, id: ApiKeyId, expected: Option<i32>) -> Result<ApiKeyRecord, ServiceError> {
    let now = app.now();
    admin_change(app, by, move |connection, _| {
        let mut row = store::find(connection, id)?.ok_or(ErrorCode::ApiKeyNotFound)?;
        checks::version(row.version, expected)?;
        if row.ended_at.is_some() {
            return Err(ErrorCode::AlreadyEnded.into());
        }
        let before = record(&row);
        row.ended_at = Some(now);
        row.version += 1;
        store::update(connection, &row)?;
        let after = record(&row);
        let event = AuditEvent::new("end_api_key", "api_key", id).updated(&before, &after);
        Ok((after, ChangeScope::Nothing, event))
    })
    .await
}

/// Authenticates a request, counts it against the rate limit, and returns the row of the key.
///
/// # Errors
/// [`ErrorCode::ApiKeyInvalid`], [`ErrorCode::ApiKeyExhausted`].
pub async fn authenticate(app: &App, key: &str, scope: ApiScope) -> Result<ApiKeyRow, ServiceError> {
    let (hash, now) = (hash(key), app.now());
    let row = app.db.read(move |connection| Ok::<_, ServiceError>(store::find_by_hash(connection, &hash)?)).await?;
    let row = row.filter(|row| row.ended_at.is_none() && row.scope == scope).ok_or(ErrorCode::ApiKeyInvalid)?;
    let (id, hour) = (row.id, hour_of(now));
    let requests = app.db.write(move |connection| Ok::<_, ServiceError>(store::count_request(connection, id, hour)?)).await?;
    if requests > row.requests_per_hour { Err(ErrorCode::ApiKeyExhausted.into()) } else { Ok(row) }
}

fn hour_of(now: Instant) -> Instant {
    let local = now.local();
    let within = Duration::minutes(local.minute().into()) + Duration::seconds(local.second().into());
    now.plus(-within - Duration::nanoseconds(local.nanosecond().into()))
}

/// Returns the hash of a secret, which is all that is stored.
pub(crate) fn hash(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}
