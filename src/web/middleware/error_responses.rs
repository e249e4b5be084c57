//! Converts errors and panics to `application/problem+json` in the client's language.

use crate::kernel::Lang;
use crate::ops::server::known_routes::unrouted;
use crate::web::extract::RequestId;
use crate::web::problem::{HttpErrorCode, PreformattedResponse, Problem};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;

/// What an error response needs from the request.
pub(super) struct ErrorContext {
    pub lang: Lang,
    pub request_id: RequestId,
}

impl ErrorContext {
    /// Converts a problem to a response; only here its cause is logged.
    pub fn answer(&self, problem: &Problem) -> HttpResponse {
        let (code, request_id) = (problem.code(), &*self.request_id.0);
        if problem.status().as_u16() == 500 {
            tracing::error!(code, request_id, cause = problem.cause().unwrap_or("unknown"), "request failed");
        } else if let Some(cause) = problem.cause() {
            tracing::warn!(code, request_id, cause, "request rejected, service unavailable");
        }
        problem.answer(self.lang, request_id)
    }
}

/// Calls the inner service; `Err` contains the response after a panic, when the request is lost.
pub(super) async fn call<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
    reader: &ErrorContext,
) -> Result<ServiceResponse<BoxBody>, HttpResponse> {
    // Unwind safety: a handler shares no state with other requests except the database, where transactions roll
    // back.
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

/// Wraps a response as an Actix error, which is sent unchanged.
pub(super) fn into_error(answer: HttpResponse) -> Error {
    InternalError::from_response("the request was lost", answer).into()
}

/// Returns the problem for an error response from any source.
fn problem_of<B>(response: &ServiceResponse<B>) -> Option<Problem> {
    let status = response.status();
    let has_own_form = response.response().extensions().get::<PreformattedResponse>().is_some();
    if has_own_form || !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    let problem = response.response().error().map_or_else(|| Problem::of_status(status), of_error);
    // A literal path segment was taken for an id by a route with another method.
    Some(if problem.code() == HttpErrorCode::RouteNotFound.code() { unrouted(response.request()) } else { problem })
}

fn of_error(error: &Error) -> Problem {
    match error.as_error::<Problem>() {
        Some(problem) => problem.clone(),
        None => Problem::of_status(error.as_response_error().status_code()),
    }
}

#[cfg(test)]
mod tests {
    use crate::web::middleware::outermost;
    use actix_web::http::header;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, init_service, try_call_service};
    use actix_web::{App, HttpResponse, web};
    use std::io::ErrorKind;

    async fn panics() -> HttpResponse {
        panic!("secret")
    }

    async fn fails() -> Result<HttpResponse, std::io::Error> {
        Err(std::io::Error::new(ErrorKind::NotFound, "secret"))
    }

    #[actix_web::test]
    async fn a_panic_is_a_problem_that_tells_nothing() {
        let service = init_service(App::new().route("/", web::get().to(panics)).wrap(from_fn(outermost))).await;
        for _ in 0..3 {
            let request = TestRequest::get().insert_header(("accept-language", "en")).to_request();
            let error = try_call_service(&service, request).await.err().unwrap();
            let answer = error.error_response();
            assert_eq!(answer.status().as_u16(), 500);
            assert_eq!(answer.headers().get(header::CONTENT_TYPE).unwrap(), "application/problem+json");
            assert!(answer.headers().contains_key("x-request-id"));
            let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
            let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!((&problem["code"], &problem["title"]), (&"internal".into(), &"Internal error".into()));
            assert!(!problem.to_string().contains("secret"));
        }
    }

    #[actix_web::test]
    async fn an_error_of_something_else_is_a_problem_that_tells_nothing() {
        let service = init_service(App::new().route("/", web::get().to(fails)).wrap(from_fn(outermost))).await;
        let response = try_call_service(&service, TestRequest::get().to_request()).await.unwrap();
        assert_eq!(response.status().as_u16(), 404);
        let body = actix_web::body::to_bytes(response.into_body()).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("secret"));
    }
}
