//! `/admin/api-keys`: API keys of other systems.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::accounts::http::responses::{created, key, versioned};
use crate::app::App;
use crate::audit::AuditActor;
use crate::integrations::partner_api::{self, ApiKeyRecord, NewApiKey, WithKey};
use crate::kernel::ids::ApiKeyId;
use crate::web::HandlerResult;
use crate::web::extract::page::PageParameters;
use crate::web::extract::{IfMatch, ItemPage, ListQuery, Path, RepeatableBody};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::{get, post};

/// Name of the list in its cursors.
const LIST: &str = "admin_api_keys";

/// Lists keys, ended ones too; never the keys themselves.
#[utoipa::path(
    tag = "admin",
    params(PageParameters),
    responses((status = 200, description = "One page", body = ItemPage<ApiKeyRecord>))
)]
#[get("/admin/api-keys")]
pub async fn list_api_keys(_by: Authorized<Admin>, app: Data<App>, query: ListQuery) -> HandlerResult {
    let after = query.page.after::<ApiKeyId>(LIST)?;
    let page = partner_api::list(&app, after, query.page.limit).await?;
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, page.items, page.next.as_ref())))
}

/// Makes a key, which is shown only in this answer; a repetition shows it empty.
#[utoipa::path(
    tag = "admin",
    request_body = NewApiKey,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request again")),
    responses((status = 201, description = "Made", body = WithKey, headers(("Location" = String))))
)]
#[post("/admin/api-keys")]
pub async fn create_api_key(by: Authorized<Admin>, app: Data<App>, body: RepeatableBody<NewApiKey>) -> HandlerResult {
    let key = key(&by.actor, "create_api_key", &body);
    let made = partner_api::create(&app, &AuditActor::account(&by.actor), body.value, key).await?;
    Ok(created("api-keys", made.record.id, Some(made.record.version), &made))
}

/// Ends a key at once. Nothing is deleted.
#[utoipa::path(
    tag = "admin",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = ApiKeyRecord))
)]
#[post("/admin/api-keys/{id}/end")]
pub async fn end_api_key(
    by: Authorized<Admin>,
    app: Data<App>,
    Path(id): Path<ApiKeyId>,
    IfMatch(version): IfMatch,
) -> HandlerResult {
    let record = partner_api::end(&app, &AuditActor::account(&by.actor), id, version).await?;
    Ok(versioned(record.version, &record))
}
