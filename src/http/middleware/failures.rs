//! Problems and panics: whatever did not go well inside leaves as `application/problem+json` in the reader's language.

use crate::domain::Lang;
use crate::http::extract::RequestId;
use crate::http::problem::Problem;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;

/// For whom problems are written.
pub(super) struct Reader {
    /// The language to answer in.
    pub lang: Lang,
    /// The name of the request.
    pub request_id: RequestId,
}

impl Reader {
    /// The problem as an answer; its cause is logged here and nowhere else.
    pub fn answer(&self, problem: &Problem) -> HttpResponse {
        let (code, request_id) = (problem.code(), &*self.request_id.0);
        if problem.status().as_u16() == 500 {
            tracing::error!(code, request_id, cause = problem.cause().unwrap_or("unknown"), "a request failed");
        } else if let Some(cause) = problem.cause() {
            tracing::warn!(code, request_id, cause, "a request could not be served");
        }
        problem.answer(self.lang, request_id)
    }
}

/// Calls what lies inside; `Err` carries the answer where the request was lost to a panic.
pub(super) async fn call<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
    reader: &Reader,
) -> Result<ServiceResponse<BoxBody>, HttpResponse> {
    // A handler shares nothing with other requests that a panic could leave half changed: state lives in the database, whose
    // transactions roll back.
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(Ok(response)) => Ok(match problem_of(&response) {
            Some(problem) => {
                let answer = reader.answer(&problem);
                response.into_response(answer)
            }
            None => response.map_into_boxed_body(),
        }),
        Ok(Err(error)) => Err(reader.answer(&of_error(&error))),
        Err(_panic) => Err(reader.answer(&Problem::internal("a handler panicked".to_owned()))),
    }
}

/// The answer as an error of the framework, which sends it as it stands.
pub(super) fn into_error(answer: HttpResponse) -> Error {
    InternalError::from_response("the request was lost", answer).into()
}

/// The problem behind an error answer, whoever made it.
fn problem_of<B>(response: &ServiceResponse<B>) -> Option<Problem> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    Some(response.response().error().map_or_else(|| Problem::of_status(status), of_error))
}

fn of_error(error: &Error) -> Problem {
    match error.as_error::<Problem>() {
        Some(problem) => problem.clone(),
        None => Problem::of_status(error.as_response_error().status_code()),
    }
}
