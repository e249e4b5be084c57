//! The table of errors of the HTTP layer and the server itself: code, status and message.

use crate::kernel::Lang;
use actix_web::http::StatusCode;

macro_rules! http_error_codes {
    ($($variant:ident: $status:ident, $code:literal, $vi:literal, $en:literal;)+) => {
        /// An error of a request that reached no service, or of the server itself.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum HttpErrorCode {
            $(#[doc = $en] $variant),+
        }

        impl HttpErrorCode {
            /// All codes, for the published error catalogue.
            pub const ALL: &'static [HttpErrorCode] = &[$(HttpErrorCode::$variant),+];

            /// Returns the stable machine-readable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Returns the HTTP status.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            /// Returns the human-readable message.
            #[must_use]
            pub const fn detail(self, lang: Lang) -> &'static str {
                match lang {
                    Lang::Vi => match self { $(Self::$variant => $vi),+ },
                    Lang::En => match self { $(Self::$variant => $en),+ },
                }
            }
        }
    };
}

http_error_codes! {
    MalformedRequest: BAD_REQUEST, "malformed_request", "Không đọc được yêu cầu.", "The request cannot be read.";
    MalformedJson: BAD_REQUEST, "malformed_json", "Nội dung gửi lên không phải là JSON hợp lệ.", "The body is not valid JSON.";
    MalformedQuery: BAD_REQUEST, "malformed_query", "Không đọc được tham số trên địa chỉ.", "The query string cannot be read.";
    MalformedHeader: BAD_REQUEST, "malformed_header", "Giá trị của một trường tiêu đề không hợp lệ.", "A header has a malformed value.";
    RouteNotFound: NOT_FOUND, "route_not_found", "Không có địa chỉ này.", "There is no such address.";
    MethodNotAllowed: METHOD_NOT_ALLOWED, "method_not_allowed", "Địa chỉ này không nhận phương thức đã dùng.", "This address does not take the method.";
    RequestTimeout: REQUEST_TIMEOUT, "request_timeout", "Gửi yêu cầu quá lâu.", "Sending the request took too long.";
    BodyTooLarge: PAYLOAD_TOO_LARGE, "body_too_large", "Nội dung gửi lên quá lớn.", "The body is too large.";
    UnsupportedMediaType: UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Kiểu nội dung (Content-Type) này không được nhận ở đây.", "This Content-Type is not taken here.";
    InvalidValues: UNPROCESSABLE_ENTITY, "invalid_values", "Một số giá trị không hợp lệ; xem từng trường trong errors.", "Some values are invalid; see the fields in errors.";
    HeadersTooLarge: REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large", "Các trường tiêu đề quá lớn.", "The headers are too large.";
    Internal: INTERNAL_SERVER_ERROR, "internal", "Có lỗi bên trong hệ thống; hãy báo kèm mã yêu cầu.", "Something went wrong on our side; please report the id of this request.";
    Busy: SERVICE_UNAVAILABLE, "busy", "Hệ thống đang bận, hãy thử lại sau giây lát.", "The system is busy; try again in a moment.";
    Overdue: SERVICE_UNAVAILABLE, "overdue", "Hệ thống chưa trả lời kịp và yêu cầu có thể đã được ghi nhận; hãy gửi lại với cùng Idempotency-Key.", "The system did not answer in time, and what was asked may be stored; send it again with the same Idempotency-Key.";
    StorageFull: SERVICE_UNAVAILABLE, "storage_full", "Hệ thống tạm thời không nhận thêm vì thiếu chỗ lưu trữ; hãy thử lại sau.", "The system takes nothing in for the moment because its storage is full; try again later.";
    DatabaseUnavailable: SERVICE_UNAVAILABLE, "database_away", "Cơ sở dữ liệu tạm thời không sẵn sàng, hãy thử lại sau.", "The database is away for the moment; try again later.";
    Stopping: SERVICE_UNAVAILABLE, "stopping", "Máy chủ đang dừng, hãy thử lại sau.", "The server is stopping; try again later.";
}

impl HttpErrorCode {
    /// Returns the code for a status set by the framework.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let exact = [
            Self::RouteNotFound,
            Self::MethodNotAllowed,
            Self::RequestTimeout,
            Self::BodyTooLarge,
            Self::UnsupportedMediaType,
            Self::HeadersTooLarge,
            Self::Stopping,
        ];
        match exact.into_iter().find(|fault| fault.status() == status) {
            Some(fault) => fault,
            None if status.is_client_error() => Self::MalformedRequest,
            None => Self::Internal,
        }
    }
}
