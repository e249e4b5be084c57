//! Serialises one tree in two formats: JSON without a root, and XML whose list items are named in the singular.

use crate::kernel::Lang;
use crate::web::problem::{PreformattedResponse, Problem};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use quick_xml::escape::escape;
use serde_json::{Value, json};

/// Element name of the items of a list.
const ITEMS: &[(&str, &str)] = &[
    ("services", "service"),
    ("service_requests", "request"),
    ("attributes", "attribute"),
    ("values", "value"),
    ("errors", "error"),
    ("endpoints", "endpoint"),
    ("formats", "format"),
];

/// Response format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open311Format {
    Xml,
    Json,
}

impl Open311Format {
    /// Returns the format of a URL suffix; errors for an unknown suffix are written as XML so that they can be read.
    #[must_use]
    pub fn of(ending: &str) -> Option<Self> {
        match ending {
            "xml" => Some(Self::Xml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// Returns the media type without a charset.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xml => "text/xml",
            Self::Json => "application/json",
        }
    }

    /// Serialises the tree; `root` is the name of the root element in XML.
    #[must_use]
    pub fn text(self, root: &str, tree: &Value) -> String {
        match self {
            Self::Json => tree.to_string(),
            Self::Xml => {
                let mut xml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
                element(&mut xml, root, tree);
                xml
            }
        }
    }

    /// Builds a response from the tree.
    #[must_use]
    pub fn answer(self, status: StatusCode, root: &str, tree: &Value) -> HttpResponse {
        let media_type = format!("{}; charset=utf-8", self.media_type());
        HttpResponse::build(status).insert_header((CONTENT_TYPE, media_type)).body(self.text(root, tree))
    }

    /// Builds an error response in the format of the standard.
    #[must_use]
    pub fn failure(self, failure: &Open311Error) -> HttpResponse {
        let tree = json!([{"code": failure.status.as_u16(), "description": failure.description}]);
        let mut answer = self.answer(failure.status, "errors", &tree);
        if let Some(seconds) = failure.retry_after {
            answer.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        answer.extensions_mut().insert(PreformattedResponse);
        answer
    }
}

/// Why a call failed.
#[derive(Debug)]
pub struct Open311Error {
    status: StatusCode,
    description: String,
    retry_after: Option<u32>,
}

impl Open311Error {
    /// 404: no such code, id or jurisdiction.
    #[must_use]
    pub fn not_found(description: &str) -> Self {
        Self { status: StatusCode::NOT_FOUND, description: description.to_owned(), retry_after: None }
    }

    /// 415: unsupported content type.
    #[must_use]
    pub fn unsupported(description: &str) -> Self {
        Self { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, description: description.to_owned(), retry_after: None }
    }

    /// 400: a missing or invalid parameter.
    #[must_use]
    pub fn bad(description: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, description: description.into(), retry_after: None }
    }
}

/// The standard's parameter for each of our field names.
const PARAMETERS: &[(&str, &str)] = &[
    ("content", "description"),
    ("title", "description"),
    ("category", "service_code"),
    ("area", "attribute[area]"),
    ("location.latitude", "lat"),
    ("location.longitude", "long"),
    ("location.address", "address_string"),
    ("location", "lat, long"),
    ("petitioner.full_name", "first_name, last_name"),
    ("petitioner.phone", "phone"),
    ("petitioner.email", "email"),
    ("attachments", "media_url"),
];

impl From<Problem> for Open311Error {
    fn from(problem: Problem) -> Self {
        let status = match problem.status() {
            StatusCode::UNAUTHORIZED => StatusCode::FORBIDDEN,
            StatusCode::UNPROCESSABLE_ENTITY if problem.errors().iter().any(|it| it.field == "category") => StatusCode::NOT_FOUND,
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        };
        if let Some(cause) = problem.cause() {
            tracing::warn!(code = problem.code(), cause, "Open311 request failed");
        }
        let name =
            |field: &str| PARAMETERS.iter().find(|(ours, _)| *ours == field).map_or(field.to_owned(), |it| it.1.to_owned());
        let fields: Vec<String> =
            problem.errors().iter().map(|it| format!("{}: {}", name(&it.field), it.rule.message(Lang::Vi))).collect();
        let description = if fields.is_empty() { problem.sentence(Lang::Vi) } else { fields.join(" ") };
        Self { status, description, retry_after: problem.retry_after() }
    }
}

impl From<crate::db::service_error::ServiceError> for Open311Error {
    fn from(error: crate::db::service_error::ServiceError) -> Self {
        Problem::from(error).into()
    }
}

fn element(xml: &mut String, name: &str, value: &Value) {
    let inner = match value {
        Value::Null => String::new(),
        Value::String(text) => escape(text.chars().filter(|c| is_allowed(*c)).collect::<String>()).into_owned(),
        Value::Array(items) => {
            let item_name = ITEMS.iter().find(|(list, _)| *list == name).map_or("item", |(_, item)| item);
            items.iter().fold(String::new(), |mut inner, item| {
                element(&mut inner, item_name, item);
                inner
            })
        }
        Value::Object(members) => members.iter().fold(String::new(), |mut inner, (name, value)| {
            element(&mut inner, name, value);
            inner
        }),
        other => other.to_string(),
    };
    for part in ["<", name, ">", &inner, "</", name, ">"] {
        xml.push_str(part);
    }
}

/// XML 1.0 does not allow control characters, not even escaped.
const fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
