//! All described paths, to distinguish a wrong method from an unknown path.
//!
//! The framework answers 404 in both cases, and also when a fixed segment (`/accounts/import`) is parsed as an
//! id by a route of another method. A client that calls an existing path gets 405 with `Allow` instead.

use crate::ops::http::openapi;
use crate::web::problem::{HttpErrorCode, Problem};
use actix_web::HttpRequest;
use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use actix_web::web::Data;

/// The paths with their methods; paths with fixed segments come before those with parameters.
pub struct KnownRoutes(Vec<(ResourceDef, Vec<Method>)>);

impl KnownRoutes {
    /// Returns the routes of the published description except those below `hidden`: a path that a listener does
    /// not serve is unknown to it, whatever the method.
    ///
    /// # Errors
    /// Never in practice: a test parses the same text.
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

/// Returns the problem for a request that matched no route.
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
