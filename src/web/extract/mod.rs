//! What a handler takes: each file reads one part of a request and refuses what it does not understand, naming the part.
//!
//! Rule: a request that is malformed is answered with 400, one that is well formed and makes no sense with 422 and the fields.

pub(crate) mod app;
mod csv;
pub(crate) mod entry;
mod file;
mod gather;
pub mod headers;
pub mod json;
pub mod language;
pub mod page;
pub(crate) mod pairs;
pub mod path;
pub(crate) mod patience;
mod payer;
pub mod query;
mod raw;
mod reading;
pub mod request_id;
mod visitor;

pub(crate) use app::app_of;
pub use csv::{CsvBody, LargeCsvBody};
pub use file::{FileBody, Stream, UploadKey};
pub use headers::{DeviceId, IdempotencyKey, IfMatch, TrackingToken, etag};
pub use json::{JsonBody, OptionalBody, RepeatableBody};
pub use language::Language;
pub use page::{Cursor, ItemPage, Page, PageParameters};
pub use path::Path;
pub use payer::Payer;
pub use query::{ListQuery, NoFilter, Query};
pub use raw::RawBody;
pub use request_id::RequestId;
pub use visitor::{FromVisitor, source_of};
