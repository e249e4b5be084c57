//! Converts every error to an `application/problem+json` response (RFC 9457).
//!
//! Takes errors of services and invalid requests; extractors and handlers return them as a [`Problem`]. The
//! outermost middleware writes the response, because language and request id are known only there. Rule: the cause
//! of a server error is never sent to the client, only logged, once.

pub mod body;
pub mod catalogue;
mod http_error_code;

pub use body::ProblemBody;
pub use http_error_code::HttpErrorCode;

use crate::db::service_error::ServiceError;
use crate::kernel::Lang;
use crate::kernel::error_code::{ErrorCode, ErrorKind};
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

/// `Retry-After` for an exceeded rate limit, in seconds.
const RETRY_TOO_MANY: u32 = 60;
/// `Retry-After` for a full queue, in seconds.
const RETRY_BUSY: u32 = 1;
/// `Retry-After` for an unavailable database, in seconds.
const RETRY_AWAY: u32 = 5;

/// Marks an error response in the format of another standard, which is sent unchanged.
#[derive(Debug, Clone, Copy)]
pub struct PreformattedResponse;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProblemCode {
    Business(ErrorCode),
    Http(HttpErrorCode),
}

/// An error response without its language and request id.
#[derive(Debug, Clone)]
pub struct Problem {
    reason: ProblemCode,
    errors: Vec<FieldProblem>,
    place: Option<(usize, usize)>,
    allow: Option<String>,
    cause: Option<String>,
    wait: Option<u32>,
}

impl Problem {
    /// Creates a problem for an invalid request or a server error.
    #[must_use]
    pub const fn fault(fault: HttpErrorCode) -> Self {
        Self { reason: ProblemCode::Http(fault), errors: Vec::new(), place: None, allow: None, cause: None, wait: None }
    }

    /// Creates a 422 with all invalid fields.
    #[must_use]
    pub fn invalid(errors: Vec<FieldProblem>) -> Self {
        Self { errors, ..Self::fault(HttpErrorCode::InvalidValues) }
    }

    /// Creates a 422 with one invalid field.
    #[must_use]
    pub fn invalid_field(field: impl Into<String>, rule: FieldRule) -> Self {
        Self::invalid(vec![FieldProblem::new(field, rule)])
    }

    /// Creates a problem for a malformed header.
    #[must_use]
    pub fn malformed_header(name: &str, example: &'static str) -> Self {
        Self {
            errors: vec![FieldProblem::new(name, FieldRule::Malformed(example))],
            ..Self::fault(HttpErrorCode::MalformedHeader)
        }
    }

    /// Creates a problem for a JSON syntax error with its position.
    #[must_use]
    pub fn malformed_json(line: usize, column: usize) -> Self {
        Self { place: Some((line, column)), ..Self::fault(HttpErrorCode::MalformedJson) }
    }

    /// Creates a 405; `allowed` are the methods of the path.
    #[must_use]
    pub fn method_not_allowed(allowed: String) -> Self {
        Self { allow: Some(allowed), ..Self::fault(HttpErrorCode::MethodNotAllowed) }
    }

    /// Creates a 500; the cause is only logged.
    #[must_use]
    pub fn internal(cause: String) -> Self {
        Self { cause: Some(cause), ..Self::fault(HttpErrorCode::Internal) }
    }

    /// Creates a problem for a status set by neither a service nor an extractor.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        Self::fault(HttpErrorCode::of_status(status))
    }

    /// Returns the HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self.reason {
            ProblemCode::Http(fault) => fault.status(),
            ProblemCode::Business(code) => status_of(code.kind()),
        }
    }

    /// Returns the stable machine-readable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.reason {
            ProblemCode::Http(fault) => fault.code(),
            ProblemCode::Business(code) => code.code(),
        }
    }

    /// Returns the cause for the log, if any.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// Returns the invalid fields.
    #[must_use]
    pub fn errors(&self) -> &[FieldProblem] {
        &self.errors
    }

    /// Returns the human-readable message.
    #[must_use]
    pub fn sentence(&self, lang: Lang) -> String {
        self.detail(lang)
    }

    /// Returns the seconds for `Retry-After`.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        match self.reason {
            _ if self.wait.is_some() => self.wait,
            ProblemCode::Http(HttpErrorCode::Busy | HttpErrorCode::Overdue) => Some(RETRY_BUSY),
            ProblemCode::Http(HttpErrorCode::StorageFull | HttpErrorCode::DatabaseUnavailable | HttpErrorCode::Stopping)
            | ProblemCode::Business(ErrorCode::FilesAway | ErrorCode::ZaloAway | ErrorCode::OidcAway) => Some(RETRY_AWAY),
            _ if matches!(self.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::INSUFFICIENT_STORAGE) => {
                Some(RETRY_TOO_MANY)
            }
            _ => None,
        }
    }

    fn detail(&self, lang: Lang) -> String {
        let sentence = match self.reason {
            ProblemCode::Http(fault) => fault.detail(lang),
            ProblemCode::Business(code) => code.detail(lang),
        };
        match self.place {
            Some((line, column)) => {
                let place = lang.pick("Dòng", "Line");
                let at = lang.pick("cột", "column");
                format!("{sentence} {place} {line}, {at} {column}.")
            }
            None => sentence.to_owned(),
        }
    }
}

/// Returns the status of an error kind, as in docs/contract.md §11.5.
#[must_use]
pub const fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::StaleVersion => StatusCode::PRECONDITION_FAILED,
        ErrorKind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::InsufficientStorage => StatusCode::INSUFFICIENT_STORAGE,
    }
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        Self { reason: ProblemCode::Business(code), ..Self::fault(HttpErrorCode::Internal) }
    }
}

impl From<FieldProblem> for Problem {
    fn from(problem: FieldProblem) -> Self {
        Self::invalid(vec![problem])
    }
}

impl From<Vec<FieldProblem>> for Problem {
    fn from(problems: Vec<FieldProblem>) -> Self {
        Self::invalid(problems)
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Rejected(code) => code.into(),
            ServiceError::RetryAfter(code, seconds) => Self { wait: Some(seconds), ..code.into() },
            ServiceError::RejectedField(code, problem) => Self { errors: vec![problem], ..code.into() },
            ServiceError::Invalid(errors) => Self::invalid(errors),
            ServiceError::Storage(failure) if failure.is_overdue() => Self::fault(HttpErrorCode::Overdue),
            ServiceError::Storage(failure) if failure.is_full() => {
                Self { cause: Some(failure.to_string()), ..Self::fault(HttpErrorCode::StorageFull) }
            }
            ServiceError::Storage(failure) if failure.is_busy() => Self::fault(HttpErrorCode::Busy),
            ServiceError::Storage(failure) if failure.is_away() => {
                Self { cause: Some(failure.to_string()), ..Self::fault(HttpErrorCode::DatabaseUnavailable) }
            }
            // Two concurrent requests both found the value free: a retry will find the row of the other.
            ServiceError::Storage(failure) if failure.is_taken() => {
                Self { cause: Some(failure.to_string()), ..Self::fault(HttpErrorCode::Busy) }
            }
            ServiceError::Storage(failure) => Self::internal(failure.to_string()),
            ServiceError::Internal(failure) => Self::internal(failure.to_owned()),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// Only for problems that do not pass the outermost middleware.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        self.answer(Lang::default(), "")
    }
}
