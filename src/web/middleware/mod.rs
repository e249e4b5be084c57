//! The middleware of every request, from the outside in: request id, timing, access log and metrics; response
//! headers; rate limits; errors and panics.

mod access_log;
mod error_responses;
mod rate_limits;
mod response_headers;
mod response_slots;

use crate::app::App;
use crate::web::extract::{RequestId, client_address, language};
use crate::web::origin::RequestOrigin;
use crate::web::problem::{HttpErrorCode, Problem};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::http::{ConnectionType, Method};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage};
use error_responses::ErrorContext;
use rate_limits::RateLimitClass;
pub use rate_limits::{QuotaKeys, RateLimits};
use std::time::Instant;

/// Maximum size of all headers together; far above what browsers send.
const MOST_HEADER_BYTES: usize = 16 * 1024;

/// The outermost middleware of both listeners.
///
/// # Errors
/// Only after a panic, with the response inside the error, because the request is lost then.
pub async fn outermost<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = RequestId::choose(request.headers());
    let reader = ErrorContext { lang: language::preferred(request.headers()), request_id: id.clone() };
    let visit = access_log::RequestLog::begin(&request, id.clone(), Instant::now());
    request.extensions_mut().insert(id);
    // HEAD is handled as GET; the connection drops the body, because it remembers the original method.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let app = request.app_data::<Data<App>>().cloned();
    let source = app.as_ref().map(|app| client_address(request.request(), app));
    let limits = request.app_data::<Data<RateLimits>>().cloned();
    let effort = request.match_pattern().and_then(|pattern| RateLimitClass::of(request.method(), &pattern));
    let counting = limits.as_ref().zip(app.as_ref()).zip(effort).map(|((limits, app), effort)| {
        let budget = QuotaKeys::of(app, request.request());
        (limits, app, effort, budget)
    });
    let place = limits.as_ref().zip(source.as_ref()).map(|(limits, source)| limits.outgoing.enter(source));
    let is_crowded = matches!(place, Some(None));
    let (left, too_often) = match &counting {
        _ if is_crowded => (None, Some(rate_limits::too_often(1))),
        Some((limits, app, effort, budget)) => limits.count(app, budget, *effort).await,
        None => (None, None),
    };
    let refused = too_often.or_else(|| {
        (header_bytes(request.headers()) > MOST_HEADER_BYTES).then(|| Problem::fault(HttpErrorCode::HeadersTooLarge))
    });
    let mut outcome = match refused {
        Some(problem) => {
            let answer = reader.answer(&problem);
            Ok(request.into_response(answer))
        }
        None => {
            let origin = RequestOrigin {
                request_id: Some(reader.request_id.0.to_string()),
                source: source.map(|source| source.as_str().to_owned()),
            };
            origin.around(error_responses::call(request, next, &reader)).await
        }
    };
    let (status, headers) = match &mut outcome {
        Ok(response) => (response.status(), response.headers_mut()),
        Err(answer) => (answer.status(), answer.headers_mut()),
    };
    response_headers::set(headers, &reader.request_id);
    if let Some(left) = left {
        left.write_headers(headers);
    }
    // A client reusing the connection would send its next request to a stopping server.
    let is_leaving = app.as_ref().is_some_and(|app| app.worker_status.is_shutting_down());
    if (is_leaving || is_crowded)
        && let Ok(response) = &mut outcome
    {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    if let (Some((limits, app, effort, budget)), Ok(response)) = (&counting, &outcome) {
        limits.weigh(app, budget, *effort, response.response().body().size()).await;
    }
    visit.end(status);
    let place = place.flatten();
    outcome.map(|response| response.map_body(|_, body| response_slots::chunked(body, place))).map_err(error_responses::into_error)
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}
