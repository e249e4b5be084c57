//! How often somebody may come: limits for what costs or is worth abusing, by source, by account and by device.
//!
//! Enters a request, leaves what is left of the tightest limit, or a refusal with 429. Rules kept here: a source may be a whole office or a
//! carrier, so it may do far more than an account; a device is what a program calls itself in `X-Device-Id`, in addition to its source and
//! never in its place; on PostgreSQL whoever passes here is counted over all
//! instances as well. Counted by GCRA, so that nobody gets a double share around the turn of a minute.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::clock::Clock;
use crate::kernel::refusal::Refusal;
use crate::web::extract::{DeviceId, source_of};
use crate::web::middleware::outgoing::Outgoing;
use crate::web::problem::Problem;
use crate::web::shared_limits::{self, Overflow, Size, Use};
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
/// The bucket of a limit: the whole quota of a window and no more.
const SIZE: Size = Size { high: MICROS, most: MICROS, overflow: Overflow::Refused };
/// The window in microseconds.
const MICROS: i64 = 60_000_000;
/// After so many requests whoever has not come for a while is forgotten.
const SWEEP_EVERY: u32 = 4096;
/// An answer of so many bytes costs as much as a plain request.
const PLAIN_BYTES: u64 = 64 * 1024;
/// The longest name of a device that is looked at.
const LONGEST_DEVICE: usize = 128;

/// draft-ietf-httpapi-ratelimit-headers-10.
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const DEVICE: &str = DeviceId::HEADER;

/// What a request costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    SignIn,
    Filing,
    Upload,
    Search,
}

impl Effort {
    /// Of a route; none for what is cheap and worth nothing to others.
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
                // The pieces of a file are as many as the network makes them.
                () if *method == Method::POST && begins(&["/attachments"]) => Some(Self::Upload),
                () => None,
            };
        }
        // A petition by its code or a link by its seal is also what somebody would guess at, and whatever is read costs bytes.
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

/// The clock of the application for the library.
#[derive(Clone)]
struct AppClock(Arc<dyn Clock>);

impl GovernorClock for AppClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let since_1970 = self.0.now().utc().timestamp_micros();
        Duration::from_micros(u64::try_from(since_1970).unwrap_or_default())
    }
}

type Limiter = RateLimiter<String, DashMapStateStore<String>, AppClock, StateInformationMiddleware>;

/// One kind of key of one effort.
struct Gate {
    limiter: Limiter,
    quota: u32,
}

impl Gate {
    fn new(quota: u32, clock: &AppClock) -> Option<Self> {
        let per_minute = Quota::per_minute(NonZeroU32::new(quota)?);
        let limiter = RateLimiter::dashmap_with_clock(per_minute, clock.clone()).with_middleware::<StateInformationMiddleware>();
        Some(Self { limiter, quota })
    }
}

/// What is left of a limit, for the headers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    effort: Effort,
    quota: u32,
    left: u32,
    /// Seconds until it is whole again.
    reset: u32,
}

impl Left {
    fn of(effort: Effort, quota: u32, left: u32) -> Self {
        let reset = (u64::from(quota.saturating_sub(left)) * u64::from(WINDOW)).div_ceil(u64::from(quota.max(1)));
        Self { effort, quota, left, reset: u32::try_from(reset).unwrap_or(WINDOW) }
    }

    fn tighter(self, other: Option<Self>) -> Self {
        other.filter(|other| other.left <= self.left).unwrap_or(self)
    }

    /// Tells the client.
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
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

/// Who pays for a search: its source, account and device.
pub struct Budget([Option<String>; 3]);

impl Budget {
    /// Of a request.
    #[must_use]
    pub fn of(app: &App, request: &HttpRequest) -> Self {
        let source = source_of(request, app);
        Self([Some(source.as_str().to_owned()), account(app, request.headers()), device(request.headers())])
    }
}

/// What all instances together say.
enum Shared {
    /// Nothing: this one counts alone.
    Alone,
    /// So much is left of this quota.
    Left(u32, u32),
    /// Of this quota nothing is left for so many seconds.
    Refused(u32, u32),
}

fn refused(effort: Effort, quota: u32, wait: u32) -> (Option<Left>, Option<Problem>) {
    let left = Left { effort, quota, left: 0, reset: wait };
    (Some(left), Some(too_often(wait)))
}

/// The dearest question may be asked, by whoever has asked nothing else.
fn affordable(weight: u32, quota: u32) -> u32 {
    weight.min(quota.saturating_sub(1))
}

/// Every limit of one process.
pub struct Limits {
    by_source: [Option<Gate>; 4],
    by_account: [Option<Gate>; 4],
    by_device: [Option<Gate>; 4],
    /// The answers on their way to each source.
    pub(super) outgoing: Outgoing,
    clock: AppClock,
    asked: AtomicU32,
}

impl Limits {
    /// As the settings say.
    #[must_use]
    pub fn new(app: &App) -> Self {
        let (clock, config) = (AppClock(Arc::clone(&app.clock)), &app.config);
        let by = |quotas: [u32; 4]| quotas.map(|quota| Gate::new(if config.rate_limits { quota } else { 0 }, &clock));
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
            outgoing: Outgoing::new(if config.rate_limits { config.http_requests_of_source } else { 0 }),
            clock,
            asked: AtomicU32::new(0),
        }
    }

    /// Counts a request; tells what is left of the tightest limit, if there is any.
    pub(super) async fn count(&self, app: &App, budget: &Budget, effort: Effort) -> (Option<Left>, Option<Problem>) {
        if self.asked.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.sweep();
        }
        let mut tightest: Option<Left> = None;
        for (gate, _, key) in self.gates(effort, budget) {
            let left = match gate.limiter.check_key(key) {
                Ok(state) => Left::of(effort, gate.quota, state.remaining_burst_capacity()),
                Err(not_until) => return refused(effort, gate.quota, self.wait(&not_until)),
            };
            tightest = Some(left.tighter(tightest));
        }
        match self.shared(app, effort, budget, |_| 1, Overflow::Refused).await {
            Shared::Alone => (tightest, None),
            Shared::Left(quota, left) => (Some(Left::of(effort, quota, left).tighter(tightest)), None),
            Shared::Refused(quota, wait) => refused(effort, quota, wait),
        }
    }

    /// Takes what a search costs beyond a plain one, from each of its keys; who may ask no more that often has to wait.
    ///
    /// # Errors
    /// 429 with the time to wait.
    pub async fn pay(&self, app: &App, budget: &Budget, weight: u32) -> Result<(), Problem> {
        for (gate, _, key) in self.gates(Effort::Search, budget) {
            let Some(weight) = NonZeroU32::new(affordable(weight, gate.quota)) else { continue };
            if let Ok(Err(not_until)) = gate.limiter.check_key_n(key, weight) {
                return Err(too_often(self.wait(&not_until)));
            }
        }
        match self.shared(app, Effort::Search, budget, |quota| affordable(weight, quota), Overflow::Refused).await {
            Shared::Refused(_, wait) => Err(too_often(wait)),
            Shared::Alone | Shared::Left(..) => Ok(()),
        }
    }

    /// Takes what a big answer costs beyond a plain one, or as much of it as is left: it has been made already.
    pub(super) async fn weigh(&self, app: &App, budget: &Budget, effort: Effort, size: BodySize) {
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
        self.shared(app, effort, budget, |quota| affordable(weight, quota), Overflow::Lost).await;
    }

    /// The limits of an effort with the keys that count on them, and what kind of key each is.
    fn gates<'a>(&'a self, effort: Effort, budget: &'a Budget) -> impl Iterator<Item = (&'a Gate, &'static str, &'a String)> {
        let gates = [(&self.by_source, "source"), (&self.by_account, "account"), (&self.by_device, "device")];
        gates.into_iter().zip(&budget.0).filter_map(move |((gates, kind), key)| {
            let gate = gates.get(place(effort)).and_then(Option::as_ref);
            Some((gate?, kind, key.as_ref()?))
        })
    }

    /// Counts over all instances what this one has let through.
    async fn shared(
        &self,
        app: &App,
        effort: Effort,
        budget: &Budget,
        weight: impl Fn(u32) -> u32,
        overflow: Overflow,
    ) -> Shared {
        let uses: Vec<(u32, Use)> = self
            .gates(effort, budget)
            .map(|(gate, kind, key)| {
                let micros = MICROS / i64::from(gate.quota) * i64::from(weight(gate.quota));
                (gate.quota, Use { name: format!("{} {kind} {key}", effort.name()), micros })
            })
            .filter(|(_, used)| used.micros > 0)
            .collect();
        let names: Vec<Use> = uses.iter().map(|(_, used)| used.clone()).collect();
        let Some(levels) = shared_limits::take(app, &names, Size { overflow, ..SIZE }).await else { return Shared::Alone };
        let now = app.now().utc().timestamp_micros();
        let mut tightest: Option<(u32, u32)> = None;
        for ((quota, used), level) in uses.iter().zip(levels) {
            let one = (MICROS / i64::from(*quota)).max(1);
            if !level.has_taken {
                let wait = (level.empty_at + used.micros - now - MICROS).clamp(1, MICROS);
                return Shared::Refused(*quota, u32::try_from((wait + 999_999) / 1_000_000).unwrap_or(WINDOW));
            }
            let left = u32::try_from((now + MICROS - level.empty_at).max(0) / one).unwrap_or_default();
            if tightest.is_none_or(|(_, least)| left < least) {
                tightest = Some((*quota, left));
            }
        }
        tightest.map_or(Shared::Alone, |(quota, left)| Shared::Left(quota, left))
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

/// The refusal of whoever has to wait for so many seconds.
pub(super) fn too_often(seconds: u32) -> Problem {
    ServiceError::Wait(Refusal::TooManyAttempts, seconds).into()
}

const fn place(effort: Effort) -> usize {
    match effort {
        Effort::SignIn => 0,
        Effort::Filing => 1,
        Effort::Upload => 2,
        Effort::Search => 3,
    }
}

/// The account of a token that we have signed; whether it is still good is asked later.
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
        let of = |method: Method, pattern: &str| Effort::of(&method, pattern);
        assert_eq!(of(Method::POST, "/api/v1/auth/login"), Some(Effort::SignIn));
        assert_eq!(of(Method::POST, "/api/v1/petitions"), Some(Effort::Filing));
        assert_eq!(of(Method::POST, "/open311/v2/requests.json"), Some(Effort::Filing));
        assert_eq!(of(Method::POST, "/api/v1/attachments/uploads"), Some(Effort::Upload));
        assert_eq!(of(Method::PATCH, "/api/v1/attachments/uploads/{upload}"), None);
        assert_eq!(of(Method::GET, "/api/v1/public/petitions"), Some(Effort::Search));
        assert_eq!(of(Method::GET, "/api/v1/petitions/{code}"), Some(Effort::Search));
        assert_eq!(of(Method::POST, "/api/v1/documents/{id}/accept"), None);
        assert_eq!(of(Method::GET, "/api/v1/categories"), Some(Effort::Search));
        assert_eq!(of(Method::GET, "/health/live"), None);
    }
}
