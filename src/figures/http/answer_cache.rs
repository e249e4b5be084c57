//! Response cache for figures: rate limiting by query cost, request coalescing (concurrent equal queries are counted
//! once), and caching of responses that can no longer change.
//!
//! A cached response always equals a fresh one; `figures::statistics::query_estimate` decides when that is the case.

use crate::app::App;
use crate::figures::statistics::{self, QueryEstimate, QueryKind};
use crate::kernel::Lang;
use crate::web::extract::language::preferred;
use crate::web::extract::{RequestQuota, app_data};
use crate::web::{HandlerResult, Problem};
use actix_web::dev::Payload;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETag, EntityTag, Header, IF_NONE_MATCH, IfNoneMatch, VARY};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use data_encoding::BASE64URL_NOPAD;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, PoisonError};

/// Maximum bytes of all cached responses; a typical one has a few thousand.
const MOST_BYTES: usize = 16 << 20;
/// `max-age` in seconds: for settled responses (which only a directory change affects), and for others.
const SETTLED_FOR: u32 = 300;
const OPEN_FOR: u32 = 10;

/// A response body as sent.
#[derive(Debug)]
struct CachedBody {
    body: Vec<u8>,
    tag: String,
}

type CountResult = Result<Arc<CachedBody>, Problem>;
type PendingCount = BoxFuture<'static, CountResult>;

/// The cached responses and running counts of this process.
#[derive(Default)]
pub struct AnswerCache {
    kept: Mutex<CachedAnswers>,
    counting: Mutex<HashMap<String, WeakShared<PendingCount>>>,
}

#[derive(Default)]
struct CachedAnswers {
    answers: HashMap<String, (Arc<CachedBody>, u64)>,
    bytes: usize,
    asked: u64,
}

impl CachedAnswers {
    fn find(&mut self, key: &str) -> Option<Arc<CachedBody>> {
        self.asked += 1;
        let (written, last) = self.answers.get_mut(key)?;
        *last = self.asked;
        Some(Arc::clone(written))
    }

    /// Stores a response; evicts the least recently used ones.
    fn keep(&mut self, key: String, written: Arc<CachedBody>) {
        self.bytes += written.body.len();
        if let Some((before, _)) = self.answers.insert(key, (written, self.asked)) {
            self.bytes -= before.body.len();
        }
        while self.bytes > MOST_BYTES {
            let oldest = self.answers.iter().min_by_key(|(_, (_, last))| *last).map(|(key, _)| key.clone());
            let Some((gone, _)) = oldest.and_then(|key| self.answers.remove(&key)) else { return };
            self.bytes -= gone.body.len();
        }
    }
}

impl AnswerCache {
    fn kept(&self, key: &str) -> Option<Arc<CachedBody>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).find(key)
    }

    fn keep(&self, key: String, written: &Arc<CachedBody>) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).keep(key, Arc::clone(written));
    }

    /// Returns the running count for this key or starts a new one. It is cancelled when nobody waits for it any more.
    fn counting(&self, key: &str, count: impl FnOnce() -> PendingCount) -> Shared<PendingCount> {
        let mut counting = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = counting.get(key).and_then(WeakShared::upgrade).filter(|shared| shared.peek().is_none()) {
            return shared;
        }
        counting.retain(|_, weak| weak.upgrade().is_some());
        let shared = count().shared();
        counting.extend(shared.downgrade().map(|weak| (key.to_owned(), weak)));
        shared
    }
}

/// A figures request, as an extractor of a handler.
pub struct FiguresRequest {
    app: Data<App>,
    cache: Data<AnswerCache>,
    request: HttpRequest,
    payer: RequestQuota,
    lang: Lang,
}

impl FromRequest for FiguresRequest {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let read = || -> Result<Self, Problem> {
            let cache = request.app_data::<Data<AnswerCache>>().cloned();
            Ok(Self {
                app: app_data(request)?,
                cache: cache.ok_or_else(|| Problem::internal("a worker keeps no answers".to_owned()))?,
                request: request.clone(),
                payer: RequestQuota::of(request)?,
                lang: preferred(request.headers()),
            })
        };
        ready(read())
    }
}

/// Serializes a response as JSON.
///
/// # Errors
/// Never in practice: figures are plain data.
pub fn json(figures: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(figures).map_err(|cause| Problem::internal(cause.to_string()))
}

impl FiguresRequest {
    /// Returns the language of the reader.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// Responds from the cache or with the result of `count`; `form` distinguishes representations of the same query.
    ///
    /// # Errors
    /// 422 for invalid parameters, 429 when rate limited, 503 when counting takes too long; any error of `count`.
    pub async fn answer<F>(
        self,
        form: &str,
        media_type: &'static str,
        asked: QueryKind,
        count: impl FnOnce(App) -> F,
    ) -> HandlerResult
    where
        F: Future<Output = Result<Vec<u8>, Problem>> + Send + 'static,
    {
        let key = format!("{form} {} {asked:?}", self.lang);
        let QueryEstimate { weight, is_settled, mark } = statistics::estimate(&self.app, asked).await?;
        let key = format!("{mark} {key}");
        if let Some(written) = self.cache.kept(&key).filter(|_| is_settled) {
            return Ok(self.sent(&written, is_settled, media_type));
        }
        self.payer.pay(weight.saturating_sub(1)).await?;
        let counting = self.cache.counting(&key, || {
            let body = count(self.payer.app().clone());
            let written = async move {
                let body = body.await?;
                let tag = BASE64URL_NOPAD.encode(&Sha256::digest(&body));
                Ok(Arc::new(CachedBody { body, tag }))
            };
            written.boxed()
        });
        let written = counting.await?;
        if is_settled {
            self.cache.keep(key, &written);
        }
        Ok(self.sent(&written, is_settled, media_type))
    }

    fn sent(&self, written: &CachedBody, is_settled: bool, media_type: &'static str) -> HttpResponse {
        let seconds = if is_settled { SETTLED_FOR } else { OPEN_FOR };
        let tag = EntityTag::new_strong(written.tag.clone());
        let is_held = match IfNoneMatch::parse(&self.request) {
            Ok(IfNoneMatch::Any) => self.request.headers().contains_key(IF_NONE_MATCH),
            Ok(IfNoneMatch::Items(copies)) => copies.iter().any(|copy| copy.weak_eq(&tag)),
            Err(_) => false,
        };
        let mut answer = if is_held { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer.insert_header((CACHE_CONTROL, format!("public, max-age={seconds}"))).insert_header((VARY, "Accept-Language"));
        answer.insert_header(ETag(tag));
        if is_held {
            return answer.finish();
        }
        answer.insert_header((CONTENT_TYPE, media_type)).body(written.body.clone())
    }
}
