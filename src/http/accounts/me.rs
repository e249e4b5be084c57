//! One's own account: look, change, change the password; open to accounts that have to change it first.

use super::view::{AccountView, null_empties};
use crate::app::App;
use crate::http::Answer;
use crate::http::extract::{FromVisitor, Holder, IfMatch, JsonBody, etag};
use crate::services::accounts::{self, OwnChanges, Profile};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::{get, patch, post};
use serde::Deserialize;
use utoipa::ToSchema;

/// What changes; a field that is left out stays as it is, `null` empties it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMeBody {
    /// Petitioners only.
    #[serde(default, deserialize_with = "null_empties")]
    full_name: Option<String>,
    /// In any Vietnamese spelling.
    #[serde(default, deserialize_with = "null_empties")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "null_empties")]
    email: Option<String>,
    /// Petitioners only.
    #[serde(default, deserialize_with = "null_empties")]
    personal_id: Option<String>,
    /// Businesses only.
    #[serde(default, deserialize_with = "null_empties")]
    company_name: Option<String>,
    /// Businesses only.
    #[serde(default, deserialize_with = "null_empties")]
    tax_code: Option<String>,
}

/// The present password and the next one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordBody {
    /// Left out where the account has none yet; one has to have signed in within the last ten minutes then.
    current_password: Option<String>,
    /// 8–128 characters, not easy to guess.
    #[schema(min_length = 8, max_length = 128)]
    new_password: String,
}

/// One's own account.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "The account", body = AccountView)))]
#[get("/me")]
pub async fn read_me(app: Data<App>, Holder(own): Holder) -> Answer {
    Ok(account(accounts::me(&app, own.actor.account_id).await?))
}

/// Changes one's own account.
#[utoipa::path(
    tag = "accounts",
    request_body = ChangeMeBody,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "The account as it now stands", body = AccountView))
)]
#[patch("/me")]
pub async fn change_me(
    app: Data<App>,
    Holder(own): Holder,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<ChangeMeBody>,
) -> Answer {
    let changes = OwnChanges {
        full_name: body.full_name,
        phone: body.phone,
        email: body.email,
        personal_id: body.personal_id,
        company_name: body.company_name,
        tax_code: body.tax_code,
    };
    Ok(account(accounts::change_me(&app, own.actor.account_id, version, changes).await?))
}

/// Changes one's own password and ends every other session.
#[utoipa::path(
    tag = "accounts",
    request_body = ChangePasswordBody,
    responses((status = 204, description = "Changed"))
)]
#[post("/me/password")]
pub async fn change_password(
    app: Data<App>,
    Holder(own): Holder,
    FromVisitor(visitor): FromVisitor,
    JsonBody(body): JsonBody<ChangePasswordBody>,
) -> Answer {
    let current = body.current_password.unwrap_or_default();
    accounts::change_password(&app, &own, &visitor, (&current, &body.new_password)).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn account(profile: Profile) -> HttpResponse {
    let view = AccountView::from(profile);
    HttpResponse::Ok().insert_header(etag(view.version())).json(view)
}
