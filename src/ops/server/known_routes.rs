//! Every described address, to tell a wrong method from an unknown address.
//!
//! The framework answers 404 in both cases, and also where a fixed word (`/accounts/import`) is taken for an id by a route of
//! another method; whoever calls an address that exists is told what it takes (405 with `Allow`).

use crate::ops::http::openapi;
use crate::web::problem::{HttpErrorCode, Problem};
use actix_web::HttpRequest;
use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use actix_web::web::Data;

/// The addresses with their methods, those with fixed words before those with variable parts.
pub struct KnownRoutes(Vec<(ResourceDef, Vec<Method>)>);

impl KnownRoutes {
    /// Those of the published description but for those below `hidden`: what a listener does not have is unknown to it, whatever the method.
    ///
    /// # Errors
    /// Never in practice: a test reads the same text.
    pub fn described(hidden: Option<&str>) -> serde_json::Result<Self> {
        let known = openapi::addresses()?;
        let is_here = |path: &str| hidden.is_none_or(|prefix| !path.starts_with(prefix));
        Ok(Self(
            known
                .into_iter()
                .filter(|(path, _)| is_here(path))
                .map(|(path, methods)| (ResourceDef::new(path), methods))
                .collect(),
        ))
    }
}

/// The problem of a request that no route took.
#[must_use]
pub fn unrouted(request: &HttpRequest) -> Problem {
    let methods = request.app_data::<Data<KnownRoutes>>().and_then(|addresses| {
        addresses.0.iter().find(|(address, _)| address.is_match(request.path())).map(|(_, methods)| methods)
    });
    match methods {
        Some(methods) if !methods.contains(request.method()) => {
            Problem::method_not_allowed(methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", "))
        }
        _ => Problem::fault(HttpErrorCode::RouteNotFound),
    }
}
