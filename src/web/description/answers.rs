//! Adds the error responses to every operation of the OpenAPI description. Only described responses are allowed,
//! so a missing one counts as a defect.
//!
//! Rule: the responses of an operation follow from its input (body, parameters, version) and its permission.

use crate::web::problem::body;
use actix_web::http::Method;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Components, Content, ContentBuilder, Ref, RefOr};

/// Name of the schema, and of a response with only a problem.
const PROBLEM: &str = "Problem";
/// A 401 with `WWW-Authenticate`.
const UNAUTHENTICATED: &str = "ProblemUnauthenticated";
/// A problem with `Retry-After`.
const LATER: &str = "ProblemLater";
/// Errors in the format of Open311.
const OPEN311: &str = "Open311Errors";
/// The tag of operations that use this format.
const OPEN311_TAG: &str = "open311";

/// Adds the shared responses to the components.
pub fn define(components: &mut Components) {
    let problem = || ResponseBuilder::new().content(body::MEDIA_TYPE, problem_content());
    let mut add = |name: &str, answer: Response| components.responses.insert(name.to_owned(), RefOr::T(answer));
    add(PROBLEM, problem().description("A problem (RFC 9457); `code` says which").build());
    let challenge = text_header("How to sign in");
    let unauthenticated = problem().description("No token or key, or one that is not good").header("WWW-Authenticate", challenge);
    add(UNAUTHENTICATED, unauthenticated.build());
    let later = || problem().header("Retry-After", seconds_header());
    add(LATER, later().description("Too often, or away for the moment: try again after `Retry-After`").build());
    let content = |ty| ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(ty).build())).build();
    let errors = later().description("Errors as GeoReport v2 has them, or a problem where none of its calls was reached");
    let list = ContentBuilder::new().schema(Some(utoipa::openapi::ArrayBuilder::new().items(open311_error()).build())).build();
    add(OPEN311, errors.content("text/xml", content(Type::String)).content("application/json", list).build());
}

/// Adds the possible error responses to those that an operation describes itself.
pub fn complete(method: &Method, path: &str, operation: &mut Operation) {
    let is_open311 = operation.tags.iter().flatten().any(|tag| tag == OPEN311_TAG);
    for status in statuses(method, path, operation) {
        let name = match status {
            _ if is_open311 => OPEN311,
            "401" => UNAUTHENTICATED,
            "429" | "503" | "507" => LATER,
            _ => PROBLEM,
        };
        let answer = RefOr::Ref(Ref::from_response_name(name));
        operation.responses.responses.entry(status.to_owned()).or_insert(answer);
    }
    if takes(operation, ParameterIn::Header, "If-Match")
        && let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200")
    {
        answer.headers.entry("ETag".to_owned()).or_insert_with(|| text_header("The version, as `If-Match` takes it").into());
    }
}

fn statuses(method: &Method, path: &str, operation: &Operation) -> Vec<&'static str> {
    let has = |place: ParameterIn| parameters(operation).any(|(at, _)| at == place);
    let body = operation.request_body.is_some();
    let (shown, is_optional) = match operation.security.as_deref() {
        None => (false, false),
        Some(ways) => (true, ways.len() > 1),
    };
    let is_bearer = serde_json::to_value(&operation.security).is_ok_and(|ways| ways.to_string().contains("bearer"));
    let wanted = [
        ("400", true),
        // Sign-in operations and webhooks authenticate through the body.
        ("401", shown || is_optional || path.contains("/auth/") || path.contains("/webhook")),
        ("403", is_bearer || path.contains("/auth/")),
        // Features that need setup return 404 before it.
        ("404", has(ParameterIn::Path) || body || path.contains("/zalo") || path.contains("security.txt")),
        ("408", body),
        ("409", *method != Method::GET && *method != Method::OPTIONS),
        ("412", takes(operation, ParameterIn::Header, "If-Match") || has_tus(operation)),
        ("413", body || has_tus(operation)),
        ("415", body),
        ("422", body || has(ParameterIn::Query) || path.contains("{date}") || path.contains("{year}")),
        ("429", true),
        ("431", true),
        ("503", true),
        ("507", path.contains("/attachments") && matches!(*method, Method::POST | Method::PATCH)),
    ];
    wanted.into_iter().filter(|(_, is_wanted)| *is_wanted).map(|(status, _)| status).collect()
}

/// The tus protocol rejects an unknown version with 412.
fn has_tus(operation: &Operation) -> bool {
    takes(operation, ParameterIn::Header, "Tus-Resumable")
}

fn takes(operation: &Operation, place: ParameterIn, name: &str) -> bool {
    parameters(operation).any(|(at, parameter)| at == place && parameter == name)
}

fn parameters(operation: &Operation) -> impl Iterator<Item = (ParameterIn, &str)> {
    operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some((parameter.parameter_in.clone(), &*parameter.name)),
        RefOr::Ref(_) => None,
    })
}

fn problem_content() -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(PROBLEM))).build()
}

fn open311_error() -> ObjectBuilder {
    let member = |ty| ObjectBuilder::new().schema_type(ty);
    member(Type::Object).property("code", member(Type::Integer)).property("description", member(Type::String))
}

fn text_header(description: &str) -> Header {
    HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).description(Some(description)).build()
}

fn seconds_header() -> Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0))))
        .description(Some("Seconds"))
        .build()
}
