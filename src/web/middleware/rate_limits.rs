//! Rate limits by client, account and device.
//!
//! Takes a request, returns the state of the tightest limit, or a 429. Rules: a client address may be a whole
//! office or a mobile carrier, so its limit is far higher than an account's; the device (`X-Device-Id`) is counted
//! in addition to the address, never instead of it; on PostgreSQL requests that pass here are also counted over
//! all instances. Uses GCRA, so that nobody gets a double share at a window boundary.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::clock::Clock;
use crate::kernel::error_code::ErrorCode;
use crate::web::extract::{DeviceId, client_address};
use crate::web::middleware::response_slots::ResponseSlots;
use crate::web::problem::Problem;
use crate::web::shared_limits::{self, BucketSize, BucketUse, OverflowPolicy};
use actix_web::HttpRequest;
use actix_web::body::BodySize;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The window of every limit, in seconds.
const WINDOW: u32 = 60;
/// The bucket of a limit: exactly the quota of one window.
const SIZE: BucketSize = BucketSize { high: MICROS, most: MICROS, overflow: OverflowPolicy::Refused };
/// The window in microseconds.
const MICROS: i64 = 60_000_000;
/// Number of requests after which idle keys are removed.
const SWEEP_EVERY: u32 = 4096;
/// A response of this size costs as much as a plain request.
const PLAIN_BYTES: u64 = 64 * 1024;
/// Longer device ids are ignored.
const LONGEST_DEVICE: usize = 128;

/// draft-ietf-httpapi-ratelimit-headers-10.
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const DEVICE: &str = DeviceId::HEADER;

/// The class of a request, which selects its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RateLimitClass {
    SignIn,
    Filing,
    Upload,
    Search,
}

impl RateLimitClass {
    /// Returns the class of a route; `None` for cheap routes not worth abusing.
    pub(super) fn of(method: &Method, pattern: &str) -> Option<Self> {
        let is_write = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        let path = pattern.strip_prefix("/api/v1").unwrap_or(pattern);
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
        if is_write {
            return match () {
                () if path == "/me" || begins(&["/auth/", "/me/password", "/me/second-factor", "/me/oidc", "/me/contacts"]) => {
                    Some(Self::SignIn)
                }
                () if begins(&["/petitions", "/open311/", "/exchange/", "/challenges"]) => Some(Self::Filing),
                // Chunks of a file are not counted, because their number depends on the network.
                () if *method == Method::POST && begins(&["/attachments"]) => Some(Self::Upload),
                () => None,
            };
        }
        // Reads are limited too: codes and signed links could be guessed, and every response costs bandwidth.
        let is_watched = begins(&["/health", "/metrics"]);
        (!is_watched).then_some(Self::Search)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Filing => "filing",
            Self::Upload => "upload",
            Self::Search => "search",
        }
    }
}

/// Adapts the application clock to `governor`.
#[derive(Clone)]
struct LimiterClock(Arc<dyn Clock>);

impl GovernorClock for LimiterClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let since_1970 = self.0.now().utc().timestamp_micros();
        Duration::from_micros(u64::try_from(since_1970).unwrap_or_default())
    }
}

type Limiter = RateLimiter<String, DashMapStateStore<String>, LimiterClock, StateInformationMiddleware>;

/// The limiter of one kind of key and one class.
struct KeyedLimiter {
    limiter: Limiter,
    quota: u32,
}

impl KeyedLimiter {
    fn new(quota: u32, clock: &LimiterClock) -> Option<Self> {
        let per_minute = Quota::per_minute(NonZeroU32::new(quota)?);
        let limiter = RateLimiter::dashmap_with_clock(per_minute, clock.clone()).with_middleware::<StateInformationMiddleware>();
        Some(Self { limiter, quota })
    }
}

/// The state of a limit, for the headers.
#[derive(Debug, Clone, Copy)]
pub(super) struct RateLimitStatus {
    effort: RateLimitClass,
    quota: u32,
    left: u32,
    /// Seconds until the full quota is available.
    reset: u32,
}

impl RateLimitStatus {
    fn of(effort: RateLimitClass, quota: u32, left: u32) -> Self {
        let reset = (u64::from(quota.saturating_sub(left)) * u64::from(WINDOW)).div_ceil(u64::from(quota.max(1)));
        Self { effort, quota, left, reset: u32::try_from(reset).unwrap_or(WINDOW) }
    }

    fn tighter(self, other: Option<Self>) -> Self {
        other.filter(|other| other.left <= self.left).unwrap_or(self)
    }

    /// Writes the `RateLimit` headers.
    pub(super) fn write_headers(&self, headers: &mut HeaderMap) {
        let name = self.effort.name();
        let values = [
            (POLICY, format!("\"{name}\";q={};w={WINDOW}", self.quota)),
            (LIMIT, format!("\"{name}\";r={};t={}", self.left, self.reset)),
        ];
        for (header, value) in values {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(header, value);
            }
        }
    }
}

/// The keys that a request is counted on: client, account and device.
pub struct QuotaKeys([Option<String>; 3]);

impl QuotaKeys {
    /// Returns the keys of a request.
    #[must_use]
    pub fn of(app: &App, request: &HttpRequest) -> Self {
        let source = client_address(request, app);
        Self([Some(source.as_str().to_owned()), account(app, request.headers()), device(request.headers())])
    }
}

/// The result of the counters shared by all instances.
enum SharedDecision {
    /// No result: only this process counts.
    Alone,
    /// Quota and remaining requests.
    Left(u32, u32),
    /// Quota exhausted, and seconds to wait.
    Refused(u32, u32),
}

fn refused(effort: RateLimitClass, quota: u32, wait: u32) -> (Option<RateLimitStatus>, Option<Problem>) {
    let left = RateLimitStatus { effort, quota, left: 0, reset: wait };
    (Some(left), Some(too_often(wait)))
}

/// Caps the weight, so that the most expensive request still passes for a client with a full quota.
fn affordable(weight: u32, quota: u32) -> u32 {
    weight.min(quota.saturating_sub(1))
}

/// The rate limits of a process.
pub struct RateLimits {
    by_source: [Option<KeyedLimiter>; 4],
    by_account: [Option<KeyedLimiter>; 4],
    by_device: [Option<KeyedLimiter>; 4],
    /// Responses being sent per client.
    pub(super) outgoing: ResponseSlots,
    clock: LimiterClock,
    asked: AtomicU32,
}

impl RateLimits {
    /// Creates the limits from the settings.
    #[must_use]
    pub fn new(app: &App) -> Self {
        let (clock, config) = (LimiterClock(Arc::clone(&app.clock)), &app.config);
        let by = |quotas: [u32; 4]| quotas.map(|quota| KeyedLimiter::new(if config.rate_limits { quota } else { 0 }, &clock));
        let of_one =
            [config.sign_ins_per_minute, config.filings_per_minute, config.uploads_per_minute, config.searches_per_minute];
        Self {
            by_source: by([
                config.sign_ins_per_minute_of_source,
                config.filings_per_minute_of_source,
                config.uploads_per_minute_of_source,
                config.searches_per_minute_of_source,
            ]),
            by_account: by(of_one),
            by_device: by(of_one),
            outgoing: ResponseSlots::new(if config.rate_limits { config.http_requests_of_source } else { 0 }),
            clock,
            asked: AtomicU32::new(0),
        }
    }

    /// Counts a request; returns the state of the tightest limit, if there is any, and a problem when it is
    /// exceeded.
    pub(super) async fn count(
        &self,
        app: &App,
        budget: &QuotaKeys,
        effort: RateLimitClass,
    ) -> (Option<RateLimitStatus>, Option<Problem>) {
        if self.asked.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.sweep();
        }
        let mut tightest: Option<RateLimitStatus> = None;
        for (gate, _, key) in self.gates(effort, budget) {
            let left = match gate.limiter.check_key(key) {
                Ok(state) => RateLimitStatus::of(effort, gate.quota, state.remaining_burst_capacity()),
                Err(not_until) => return refused(effort, gate.quota, self.wait(&not_until)),
            };
            tightest = Some(left.tighter(tightest));
        }
        match self.shared(app, effort, budget, |_| 1, OverflowPolicy::Refused).await {
            SharedDecision::Alone => (tightest, None),
            SharedDecision::Left(quota, left) => (Some(RateLimitStatus::of(effort, quota, left).tighter(tightest)), None),
            SharedDecision::Refused(quota, wait) => refused(effort, quota, wait),
        }
    }

    /// Charges the additional cost of a search to each key.
    ///
    /// # Errors
    /// 429 with the time to wait.
    pub async fn pay(&self, app: &App, budget: &QuotaKeys, weight: u32) -> Result<(), Problem> {
        for (gate, _, key) in self.gates(RateLimitClass::Search, budget) {
            let Some(weight) = NonZeroU32::new(affordable(weight, gate.quota)) else { continue };
            if let Ok(Err(not_until)) = gate.limiter.check_key_n(key, weight) {
                return Err(too_often(self.wait(&not_until)));
            }
        }
        match self.shared(app, RateLimitClass::Search, budget, |quota| affordable(weight, quota), OverflowPolicy::Refused).await {
            SharedDecision::Refused(_, wait) => Err(too_often(wait)),
            SharedDecision::Alone | SharedDecision::Left(..) => Ok(()),
        }
    }

    /// Charges the additional cost of a large response, or as much as is left, because it was created already.
    pub(super) async fn weigh(&self, app: &App, budget: &QuotaKeys, effort: RateLimitClass, size: BodySize) {
        let bytes = if let BodySize::Sized(bytes) = size { bytes } else { 0 };
        let weight = u32::try_from(bytes / PLAIN_BYTES).unwrap_or(u32::MAX);
        if weight == 0 {
            return;
        }
        for (gate, _, key) in self.gates(effort, budget) {
            let mut weight = affordable(weight, gate.quota);
            while let Some(part) = NonZeroU32::new(weight)
                && !matches!(gate.limiter.check_key_n(key, part), Ok(Ok(_)))
            {
                weight /= 2;
            }
        }
        self.shared(app, effort, budget, |quota| affordable(weight, quota), OverflowPolicy::Lost).await;
    }

    /// Returns the limiters of a class with the kind and value of their keys.
    fn gates<'a>(
        &'a self,
        effort: RateLimitClass,
        budget: &'a QuotaKeys,
    ) -> impl Iterator<Item = (&'a KeyedLimiter, &'static str, &'a String)> {
        let gates = [(&self.by_source, "source"), (&self.by_account, "account"), (&self.by_device, "device")];
        gates.into_iter().zip(&budget.0).filter_map(move |((gates, kind), key)| {
            let gate = gates.get(place(effort)).and_then(Option::as_ref);
            Some((gate?, kind, key.as_ref()?))
        })
    }

    /// Counts a request that passed here on the shared counters.
    async fn shared(
        &self,
        app: &App,
        effort: RateLimitClass,
        budget: &QuotaKeys,
        weight: impl Fn(u32) -> u32,
        overflow: OverflowPolicy,
    ) -> SharedDecision {
        let uses: Vec<(u32, BucketUse)> = self
            .gates(effort, budget)
            .map(|(gate, kind, key)| {
                let micros = MICROS / i64::from(gate.quota) * i64::from(weight(gate.quota));
                (gate.quota, BucketUse { name: format!("{} {kind} {key}", effort.name()), micros })
            })
            .filter(|(_, used)| used.micros > 0)
            .collect();
        let names: Vec<BucketUse> = uses.iter().map(|(_, used)| used.clone()).collect();
        let Some(levels) = shared_limits::charge(app, &names, BucketSize { overflow, ..SIZE }).await else {
            return SharedDecision::Alone;
        };
        let now = app.now().utc().timestamp_micros();
        let mut tightest: Option<(u32, u32)> = None;
        for ((quota, used), level) in uses.iter().zip(levels) {
            let one = (MICROS / i64::from(*quota)).max(1);
            if !level.has_taken {
                let wait = (level.empty_at + used.micros - now - MICROS).clamp(1, MICROS);
                return SharedDecision::Refused(*quota, u32::try_from((wait + 999_999) / 1_000_000).unwrap_or(WINDOW));
            }
            let left = u32::try_from((now + MICROS - level.empty_at).max(0) / one).unwrap_or_default();
            if tightest.is_none_or(|(_, least)| left < least) {
                tightest = Some((*quota, left));
            }
        }
        tightest.map_or(SharedDecision::Alone, |(quota, left)| SharedDecision::Left(quota, left))
    }

    fn wait(&self, not_until: &NotUntil<Duration>) -> u32 {
        let wait = Duration::from(not_until.earliest_possible().duration_since(self.clock.now()));
        u32::try_from(wait.as_millis().div_ceil(1000).max(1)).unwrap_or(WINDOW)
    }

    fn sweep(&self) {
        for gate in [&self.by_source, &self.by_account, &self.by_device].into_iter().flatten().flatten() {
            gate.limiter.retain_recent();
        }
    }
}

/// Returns a 429 with the seconds to wait.
pub(super) fn too_often(seconds: u32) -> Problem {
    ServiceError::RetryAfter(ErrorCode::TooManyAttempts, seconds).into()
}

const fn place(effort: RateLimitClass) -> usize {
    match effort {
        RateLimitClass::SignIn => 0,
        RateLimitClass::Filing => 1,
        RateLimitClass::Upload => 2,
        RateLimitClass::Search => 3,
    }
}

/// Returns the account of a token with a valid signature; whether it was revoked is checked later.
fn account(app: &App, headers: &HeaderMap) -> Option<String> {
    let token = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?.1;
    app.tokens.check(token.trim(), app.now()).ok().map(|claims| claims.sub)
}

fn device(headers: &HeaderMap) -> Option<String> {
    let name = headers.get(DEVICE)?.to_str().ok()?.trim();
    (!name.is_empty() && name.len() <= LONGEST_DEVICE).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_costs_is_counted_and_the_rest_is_not() {
        let of = |method: Method, pattern: &str| RateLimitClass::of(&method, pattern);
        assert_eq!(of(Method::POST, "/api/v1/auth/login"), Some(RateLimitClass::SignIn));
        assert_eq!(of(Method::POST, "/api/v1/petitions"), Some(RateLimitClass::Filing));
        assert_eq!(of(Method::POST, "/open311/v2/requests.json"), Some(RateLimitClass::Filing));
        assert_eq!(of(Method::POST, "/api/v1/attachments/uploads"), Some(RateLimitClass::Upload));
        assert_eq!(of(Method::PATCH, "/api/v1/attachments/uploads/{upload}"), None);
        assert_eq!(of(Method::GET, "/api/v1/public/petitions"), Some(RateLimitClass::Search));
        assert_eq!(of(Method::GET, "/api/v1/petitions/{code}"), Some(RateLimitClass::Search));
        assert_eq!(of(Method::POST, "/api/v1/documents/{id}/accept"), None);
        assert_eq!(of(Method::GET, "/api/v1/categories"), Some(RateLimitClass::Search));
        assert_eq!(of(Method::GET, "/health/live"), None);
    }
}
