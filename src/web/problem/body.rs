//! The body of error responses: the members of RFC 9457 and our own, in the client's language.

use super::Problem;
use crate::kernel::Lang;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of RFC 9457.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// An error answer (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Relative address of the sort of problem; stable.
    #[serde(rename = "type")]
    #[schema(example = "/problems/wrong_state")]
    pub kind: String,
    /// What the status means.
    #[schema(example = "Xung đột trạng thái")]
    pub title: &'static str,
    /// HTTP status.
    #[schema(example = 409)]
    pub status: u16,
    /// A sentence for people.
    pub detail: String,
    /// Stable code for programs.
    #[schema(example = "wrong_state")]
    pub code: &'static str,
    /// Names this request in the server's log.
    pub request_id: String,
    /// The fields that are wrong, for bad input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One wrong field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// Path of the field, or name of the query parameter or header.
    #[schema(example = "petitioner.phone")]
    pub field: String,
    /// Stable code for programs.
    #[schema(example = "invalid_phone")]
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

impl Problem {
    /// Returns the body for a language and request id.
    #[must_use]
    pub fn body(&self, lang: Lang, request_id: &str) -> ProblemBody {
        let field = |problem: &crate::kernel::field_problem::FieldProblem| FieldError {
            field: problem.field.clone(),
            code: problem.rule.code(),
            message: problem.rule.message(lang),
        };
        ProblemBody {
            kind: format!("/problems/{}", self.code()),
            title: title(self.status(), lang),
            status: self.status().as_u16(),
            detail: self.detail(lang),
            code: self.code(),
            request_id: request_id.to_owned(),
            errors: self.errors.iter().map(field).collect(),
        }
    }

    /// Returns the whole response.
    #[must_use]
    pub fn answer(&self, lang: Lang, request_id: &str) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status());
        answer.insert_header((header::CONTENT_TYPE, MEDIA_TYPE));
        answer.insert_header((header::CONTENT_LANGUAGE, lang.pick("vi", "en")));
        if let Some(seconds) = self.retry_after() {
            answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some(allowed) = &self.allow {
            answer.insert_header((header::ALLOW, allowed.clone()));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        answer.body(serde_json::to_vec(&self.body(lang, request_id)).unwrap_or_default())
    }
}

/// Returns the short title of a status.
#[must_use]
pub fn title(status: StatusCode, lang: Lang) -> &'static str {
    match status.as_u16() {
        401 => lang.pick("Chưa đăng nhập", "Not signed in"),
        403 => lang.pick("Không được phép", "Not allowed"),
        404 => lang.pick("Không tìm thấy", "Not found"),
        405 => lang.pick("Sai phương thức", "Method not allowed"),
        408 => lang.pick("Quá thời gian", "Request timeout"),
        409 => lang.pick("Xung đột trạng thái", "Conflict"),
        412 => lang.pick("Phiên bản đã cũ", "Stale version"),
        413 => lang.pick("Nội dung quá lớn", "Content too large"),
        415 => lang.pick("Kiểu nội dung không được hỗ trợ", "Unsupported media type"),
        422 => lang.pick("Giá trị không hợp lệ", "Invalid values"),
        429 => lang.pick("Quá nhiều yêu cầu", "Too many requests"),
        431 => lang.pick("Tiêu đề quá lớn", "Headers too large"),
        503 => lang.pick("Tạm thời không phục vụ được", "Service unavailable"),
        500..=599 => lang.pick("Lỗi hệ thống", "Internal error"),
        _ => lang.pick("Yêu cầu không hợp lệ", "Bad request"),
    }
}
