//! Adds the access policy of each operation to the API description: `x-right` with name and roles, and the required
//! credential, both derived from the type that the handler extracts.

use crate::accounts::access::{Credential, Grant};
use crate::accounts::http::extract::access_policy::{AccessPolicy, PolicyHandler};
use crate::kernel::account::Role;
use crate::web::description::operations_mut;
use actix_web::dev::{AppService, HttpServiceFactory};
use serde_json::json;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{Operation, Paths};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{RefOr, SecurityRequirement};
use utoipa_actix_web::OpenApiFactory;

/// Name of the OpenAPI extension.
pub const EXTENSION: &str = "x-right";
/// Name of the security scheme for access tokens.
pub const BEARER: &str = "bearer";
/// Name of the security scheme for API keys.
pub const API_KEY: &str = "api_key";

/// A handler whose API description contains its right.
pub struct DocumentedHandler<H>(pub H);

impl<H: HttpServiceFactory> HttpServiceFactory for DocumentedHandler<H> {
    fn register(self, service: &mut AppService) {
        self.0.register(service);
    }
}

impl<H: OpenApiFactory + PolicyHandler> OpenApiFactory for DocumentedHandler<H> {
    fn paths(&self) -> Paths {
        let mut paths = self.0.paths();
        for item in paths.paths.values_mut() {
            operations_mut(item).for_each(|(_, operation)| tell(operation, &H::Policy::GRANT));
        }
        paths
    }

    fn schemas(&self, schemas: &mut Vec<(String, RefOr<Schema>)>) {
        self.0.schemas(schemas);
    }
}

fn tell(operation: &mut Operation, grant: &Grant) {
    let roles: Vec<&str> = grant.roles.iter().map(|role: &Role| role.as_str()).collect();
    let right = json!({"name": grant.name, "roles": roles, "without_account": is_open(grant.credential)});
    operation.extensions.get_or_insert_with(Extensions::default).insert(EXTENSION.to_owned(), right);
    let none = SecurityRequirement::default;
    let scheme = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
    operation.security = match grant.credential {
        // OpenAPI has no security scheme for a form field or a signature.
        Credential::Nothing | Credential::KeyInForm(_) | Credential::Signature => None,
        Credential::AccountOrNothing | Credential::AccountOrTracking => Some(vec![none(), scheme(BEARER)]),
        Credential::AccountKeyOrNothing(_) => Some(vec![none(), scheme(BEARER), scheme(API_KEY)]),
        Credential::Account => Some(vec![scheme(BEARER)]),
        Credential::Key(_) => Some(vec![scheme(API_KEY)]),
    };
}

/// Returns whether requests without an account or key are accepted.
const fn is_open(credential: Credential) -> bool {
    match credential {
        Credential::Nothing
        | Credential::AccountOrNothing
        | Credential::AccountKeyOrNothing(_)
        | Credential::AccountOrTracking => true,
        Credential::Account | Credential::Key(_) | Credential::KeyInForm(_) | Credential::Signature => false,
    }
}
