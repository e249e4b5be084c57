//! What happens to every request before and after its handler, in this order from the outside in: name, clock, log line and
//! figures; headers of the answer; problems and panics.

mod access_log;
mod answer_headers;
mod failures;

use crate::http::extract::{RequestId, language};
use crate::http::problem::{Fault, Problem};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use failures::Reader;
use std::time::Instant;

/// Bytes of all headers together; far above what a browser sends, far below what costs anything.
const MOST_HEADER_BYTES: usize = 16 * 1024;

/// The outermost middleware of both listeners.
///
/// # Errors
/// Only after a panic, with the answer inside of the error: the request is gone then and there is nothing to tie it to.
pub async fn door<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = RequestId::choose(request.headers());
    let reader = Reader { lang: language::preferred(request.headers()), request_id: id.clone() };
    let visit = access_log::Visit::begin(&request, id.clone(), Instant::now());
    request.extensions_mut().insert(id);
    // Answered as GET; the connection drops the body, because it remembers what was asked.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let mut outcome = if header_bytes(request.headers()) > MOST_HEADER_BYTES {
        let answer = reader.answer(&Problem::fault(Fault::HeadersTooLarge));
        Ok(request.into_response(answer))
    } else {
        failures::call(request, next, &reader).await
    };
    let (status, headers) = match &mut outcome {
        Ok(response) => (response.status(), response.headers_mut()),
        Err(answer) => (answer.status(), answer.headers_mut()),
    };
    answer_headers::set(headers, &reader.request_id);
    visit.end(status);
    outcome.map_err(failures::into_error)
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}
