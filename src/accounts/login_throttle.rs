//! Throttles guessing: after a few failed attempts the next one has to wait, each time longer. Wraps the check of a
//! proof (sign-in, password or code) for a name and a source, and returns its result or a refusal.
//!
//! Rules: existing and unknown names are counted alike, in canonical spelling and with the same statements, so
//! neither the response nor its time reveals which accounts exist. A source or device that has signed in under a
//! name before has its own counter, and does not wait because of strangers, whether elsewhere or at the same
//! address. Attempts for the same name are checked one after the other.

use super::fields;
use crate::accounts::store::login_failures::{self, LoginFailureRow};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::account::Account;
use crate::kernel::client_address::ClientInfo;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::AccountId;
use chrono::Duration;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Seconds of the first wait; each further failure doubles it.
const FIRST_WAIT: i64 = 60;
/// Maximum wait in seconds.
const LONGEST_WAIT: i64 = 60 * 60;
/// How long failures of a name are remembered.
const NAME_MEMORY: Duration = Duration::hours(24);
/// How long failures of a source are remembered; shorter, because offices and carriers share one address.
const SOURCE_MEMORY: Duration = Duration::hours(1);
/// How long a source or device counts as known for a name.
const PLACE_MEMORY: Duration = Duration::days(30);
/// Number of mutexes that names are hashed to.
const ROWS: usize = 64;

/// The per-name mutexes of this process.
#[derive(Debug, Clone)]
pub struct LoginThrottle(Arc<[Mutex<()>]>);

impl Default for LoginThrottle {
    fn default() -> Self {
        Self((0..ROWS).map(|_| Mutex::new(())).collect())
    }
}

impl LoginThrottle {
    async fn take(&self, mark: &str) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let row = mark.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte))) % ROWS;
        Some(self.0.get(row)?.lock().await)
    }
}

/// A login attempt, as keyed hashes (marks).
#[derive(Clone)]
pub(crate) struct LoginAttempt {
    name: String,
    source: String,
    place: String,
    /// The device under this name, if the client sends an installation id.
    device: Option<String>,
    /// The account is already known, from a session or an identity provider.
    is_known: bool,
}

/// The failure counters that apply to an attempt.
struct ThrottleStatus {
    /// The counter of the name, or of the known device or place.
    own: LoginFailureRow,
    /// The attempt comes from a known device, place or session, so the wait of the source does not apply.
    is_known: bool,
    source: LoginFailureRow,
}

impl LoginAttempt {
    /// An attempt to sign in under a name in any spelling.
    pub(super) fn sign_in(app: &App, login: &str, visitor: &ClientInfo) -> Self {
        Self::under(app, &fields::one_spelling(login), visitor)
    }

    /// An attempt to prove something about an account already known from a session or an identity provider.
    pub(crate) fn of_account(app: &App, account: AccountId, visitor: &ClientInfo) -> Self {
        Self { is_known: true, ..Self::under(app, &format!("account {account}"), visitor) }
    }

    fn under(app: &App, name: &str, visitor: &ClientInfo) -> Self {
        let source = visitor.source.as_str();
        let device = visitor.device_id.as_ref().map(|device| app.seal.of("sign-in device", &format!("{name}\n{device}")));
        Self {
            name: app.seal.of("sign-in name", name),
            source: app.seal.of("sign-in source", source),
            place: app.seal.of("sign-in place", &format!("{name}\n{source}")),
            device,
            is_known: false,
        }
    }

    fn standing(&self, connection: &mut DbConnection, now: Instant) -> Result<ThrottleStatus, ServiceError> {
        // A client without a device id is looked up like an unknown device: the same work for everybody.
        let device = self.device.as_deref().unwrap_or_default();
        let mut rows = login_failures::find(connection, &[&self.name, &self.source, &self.place, device])?;
        let mut take = |mark: &str, memory: Duration| {
            let found = rows.iter().position(|row| row.mark == mark).map(|at| rows.swap_remove(at));
            found.filter(|row| row.last_at.plus(memory) > now)
        };
        let unmarked = |mark: &str| LoginFailureRow { mark: mark.to_owned(), failures: 0, last_at: now, blocked_until: None };
        let (device, place) = (take(device, PLACE_MEMORY), take(&self.place, PLACE_MEMORY));
        let name = take(&self.name, NAME_MEMORY);
        let source = take(&self.source, SOURCE_MEMORY).unwrap_or_else(|| unmarked(&self.source));
        let is_known = self.is_known || device.is_some() || place.is_some();
        let own = device.or(place).or(name).unwrap_or_else(|| unmarked(&self.name));
        Ok(ThrottleStatus { own, is_known, source })
    }
}

/// Runs `proof` unless the caller has to wait; counts a failure, and resets the counter of the name on success.
///
/// `proof` returns `None` for a failed attempt.
///
/// # Errors
/// [`ServiceError::RetryAfter`] while the name, or the source of an unknown caller, has to wait; errors of `proof`,
/// which are not counted.
pub(crate) async fn throttled<T>(
    app: &App,
    attempt: &LoginAttempt,
    proof: impl Future<Output = Result<Option<T>, ServiceError>>,
) -> Result<Option<T>, ServiceError> {
    let _turn = app.login_throttle.take(&attempt.name).await;
    let (asked, now) = (attempt.clone(), app.now());
    let wait = app
        .db
        .read(move |connection| {
            let standing = asked.standing(connection, now)?;
            let for_source = if standing.is_known { 0 } else { waiting(&standing.source, now) };
            Ok::<_, ServiceError>(waiting(&standing.own, now).max(for_source))
        })
        .await?;
    if wait > 0 {
        return Err(ServiceError::RetryAfter(ErrorCode::TooManyAttempts, u32::try_from(wait).unwrap_or(u32::MAX)));
    }
    let proven = proof.await?;
    let (asked, limits, is_right) = (attempt.clone(), AttemptLimits::of(app), proven.is_some());
    app.db.write(move |connection| note(connection, &asked, &limits, is_right, now)).await?;
    Ok(proven)
}

/// Returns the seconds until the next attempt is allowed; 0 if it is allowed now. A wait beyond the maximum was set
/// before the clock was set back, and is ignored.
fn waiting(row: &LoginFailureRow, now: Instant) -> i64 {
    let latest = now.plus(Duration::seconds(LONGEST_WAIT));
    let left = row
        .blocked_until
        .filter(|until| *until <= latest)
        .map(|until| (until.utc() - now.utc()).num_milliseconds())
        .unwrap_or_default();
    left.max(0).saturating_add(999).div_euclid(1000)
}

/// Failures after which the next attempt has to wait; 0 disables the limit.
struct AttemptLimits {
    name: i32,
    source: i32,
}

impl AttemptLimits {
    fn of(app: &App) -> Self {
        let limit = |limit: u32| i32::try_from(limit).unwrap_or(i32::MAX);
        Self { name: limit(app.config.sign_in_failures_per_account), source: limit(app.config.sign_in_failures_per_source) }
    }
}

fn note(
    connection: &mut DbConnection,
    attempt: &LoginAttempt,
    limits: &AttemptLimits,
    is_right: bool,
    now: Instant,
) -> Result<(), ServiceError> {
    let standing = attempt.standing(connection, now)?;
    if is_right {
        for mark in std::iter::once(&attempt.place).chain(&attempt.device) {
            login_failures::put(
                connection,
                &LoginFailureRow { mark: mark.clone(), failures: 0, last_at: now, blocked_until: None },
            )?;
        }
        // Failures under the plain name came from strangers, so they are reset only if the attempt itself was
        // counted there.
        if standing.own.mark == attempt.name {
            login_failures::remove(connection, &[&attempt.name])?;
        }
        return Ok(());
    }
    // A caller with a session can guess at one account only, so the source (for example its office) is not blocked.
    let source = (!attempt.is_known).then_some((standing.source, limits.source));
    for (row, limit) in std::iter::once((standing.own, limits.name)).chain(source) {
        let failures = row.failures.saturating_add(1);
        let blocked_until = wait_after(failures, limit).map(|seconds| now.plus(Duration::seconds(seconds)));
        // For a known place or device this also refreshes `last_at`.
        login_failures::put(connection, &LoginFailureRow { failures, blocked_until, last_at: now, ..row })?;
    }
    Ok(())
}

/// Returns the wait in seconds after this many failures.
fn wait_after(failures: i32, limit: i32) -> Option<i64> {
    let doublings = u32::try_from(failures.checked_sub(limit).filter(|_| limit > 0)?).ok()?;
    Some(FIRST_WAIT.checked_shl(doublings.min(16)).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT))
}

/// Resets the failure counters of all names of the account.
pub(crate) fn reset_account(app: &App, connection: &mut DbConnection, account: &Account) -> Result<(), ServiceError> {
    let claimed = account.claims.iter().map(|claim| &claim.value);
    let names = [&account.username, &account.phone, &account.email].into_iter().flatten().chain(claimed);
    let names = names.map(|name| fields::one_spelling(name));
    for name in names.chain([format!("account {}", account.id)]) {
        login_failures::remove(connection, &[&app.seal.of("sign-in name", &name)])?;
    }
    Ok(())
}

/// Deletes expired counters; called by the worker.
pub async fn purge_failures(app: &App) -> Result<usize, ServiceError> {
    let before = app.now().plus(-PLACE_MEMORY);
    app.db.write(move |connection| Ok(login_failures::purge(connection, before)?)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_further_attempt_waits_twice_as_long_up_to_an_hour() {
        assert_eq!(wait_after(4, 5), None);
        assert_eq!(wait_after(5, 5), Some(60));
        assert_eq!(wait_after(6, 5), Some(120));
        assert_eq!(wait_after(11, 5), Some(3600));
        assert_eq!(wait_after(i32::MAX, 5), Some(3600));
        assert_eq!(wait_after(1000, 0), None, "switched off");
    }
}
