//! The table of contents of the API: every address, nothing else.
//!
//! A handler is mounted with `.service(…)` and needs `#[utoipa::path]` above `#[get("…")]` or its likes: one without a description
//! does not compile here. A fixed word of an address (`/documents/register`) stands above a variable one (`/documents/{id}`).

use crate::http::accounts::{auth, me};
use crate::http::{admin, docs, health, openapi};
use actix_web::web;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of the service listener.
pub fn service(routes: &mut ServiceConfig) {
    routes.service(health::live);
    routes.service(health::ready);
    routes.service(scope("/api/v1").configure(api));
    routes.route("/docs", web::get().to(docs::to_page));
    routes.route("/docs/{file:.*}", web::get().to(docs::read_file));
}

fn api(routes: &mut ServiceConfig) {
    routes.service(openapi::read_document);
    routes.route("/docs", web::get().to(docs::to_page));
    routes.route("/docs/{file:.*}", web::get().to(docs::read_file));
    routes.service(auth::register);
    routes.service(auth::login);
    routes.service(auth::refresh);
    routes.service(auth::logout);
    routes.service(me::read_me);
    routes.service(me::change_me);
    routes.service(me::change_password);
    routes.service(admin::accounts::list_accounts);
    routes.service(admin::accounts::create_account);
    routes.service(admin::accounts::import_accounts);
    routes.service(admin::accounts::read_account);
    routes.service(admin::accounts::change_account);
    routes.service(admin::accounts::disable_account);
    routes.service(admin::accounts::enable_account);
    routes.service(admin::accounts::reset_account);
}
