//! Request extractors: each file reads one part of a request and reports errors that name the part.
//!
//! Rule: a malformed request yields 400, a well-formed one with invalid values 422 with the fields.

pub(crate) mod access_decision;
pub(crate) mod app;
pub(crate) mod body_timeout;
mod csv;
mod file;
pub mod headers;
pub mod json;
pub mod language;
pub mod page;
pub mod path;
pub mod query;
pub(crate) mod query_pairs;
mod quota;
mod raw;
mod request_client;
pub mod request_id;
mod serde_errors;
mod shape_errors;

pub(crate) use app::app_data;
pub use csv::{CsvBody, LargeCsvBody};
pub use file::{MultipartBody, RawStream, UploadKey};
pub use headers::{DeviceId, IdempotencyKey, IfMatch, TrackingToken, etag};
pub use json::{JsonBody, OptionalBody, RepeatableBody};
pub use language::Language;
pub use page::{Cursor, ItemPage, Page, PageParameters};
pub use path::Path;
pub use query::{ListQuery, NoFilter, Query};
pub use quota::RequestQuota;
pub use raw::RawBody;
pub use request_client::{RequestClient, client_address};
pub use request_id::RequestId;
