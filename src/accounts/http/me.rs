//! `/me`: view, change, confirm a contact, change the password, erase; also open to accounts that must change their
//! password first.

use super::view::{AccountView, null_empties};
use crate::accounts::http::extract::CurrentAccount;
use crate::accounts::{self, AccountUpdate, Profile, Reauthentication};
use crate::app::App;
use crate::kernel::account::ContactKind;
use crate::personal::{self, OwnErasure};
use crate::web::HandlerResult;
use crate::web::extract::{IfMatch, JsonBody, RequestClient, etag};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::{delete, get, patch, post};
use serde::Deserialize;
use utoipa::ToSchema;

/// What changes; a field that is left out stays as it is, `null` empties it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMeBody {
    /// Petitioners only.
    #[serde(default, deserialize_with = "null_empties")]
    full_name: Option<String>,
    /// In any Vietnamese spelling. A new one counts once `POST /me/contacts/confirm` has taken the code that is sent to it.
    #[serde(default, deserialize_with = "null_empties")]
    phone: Option<String>,
    /// The same.
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
    /// Needed with `phone` and `email` where the account has a password; otherwise one has to have signed in within the last ten minutes.
    current_password: Option<String>,
    /// A code of the second factor stands in for the password.
    totp: Option<String>,
}

/// The password, because an open session is not enough.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteMeBody {
    /// Needed where the account has a password; otherwise one has to have signed in within the last ten minutes.
    current_password: Option<String>,
    /// A code of the second factor stands in for the password.
    totp: Option<String>,
}

/// Which contact.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendContactCodeBody {
    /// `phone` or `email`.
    kind: ContactKind,
}

/// The six digits that were sent to a contact.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmContactBody {
    #[schema(example = "287082")]
    code: String,
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
pub async fn read_me(app: Data<App>, CurrentAccount(own): CurrentAccount) -> HandlerResult {
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
    CurrentAccount(own): CurrentAccount,
    RequestClient(visitor): RequestClient,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<ChangeMeBody>,
) -> HandlerResult {
    let proof = Reauthentication { current_password: body.current_password.as_deref(), totp: body.totp.as_deref() };
    let changes = AccountUpdate {
        full_name: body.full_name,
        phone: body.phone,
        email: body.email,
        personal_id: body.personal_id,
        company_name: body.company_name,
        tax_code: body.tax_code,
    };
    Ok(account(accounts::change_me(&app, &own, &visitor, (version, changes), proof).await?))
}

/// Sends a code of six digits to a contact that is not proven, in the place of an earlier one.
#[utoipa::path(
    tag = "accounts",
    request_body = SendContactCodeBody,
    responses((status = 202, description = "On its way", body = AccountView))
)]
#[post("/me/contacts/send")]
pub async fn send_contact_code(
    app: Data<App>,
    CurrentAccount(own): CurrentAccount,
    RequestClient(visitor): RequestClient,
    JsonBody(body): JsonBody<SendContactCodeBody>,
) -> HandlerResult {
    let view = AccountView::from(accounts::send_contact_code(&app, &own, &visitor.source, body.kind).await?);
    Ok(HttpResponse::Accepted().insert_header(etag(view.version())).json(view))
}

/// Takes the code that was sent to a contact: from now on it is the account's and nobody else's.
#[utoipa::path(
    tag = "accounts",
    request_body = ConfirmContactBody,
    responses((status = 200, description = "The account as it now stands", body = AccountView))
)]
#[post("/me/contacts/confirm")]
pub async fn confirm_contact(
    app: Data<App>,
    CurrentAccount(own): CurrentAccount,
    JsonBody(body): JsonBody<ConfirmContactBody>,
) -> HandlerResult {
    Ok(account(accounts::confirm_contact(&app, &own, &body.code).await?))
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
    CurrentAccount(own): CurrentAccount,
    RequestClient(visitor): RequestClient,
    JsonBody(body): JsonBody<ChangePasswordBody>,
) -> HandlerResult {
    let current = body.current_password.unwrap_or_default();
    accounts::change_password(&app, &own, &visitor, (&current, &body.new_password)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Has one's own account erased: the person is taken out of it and of their petitions, and every session ends. Open petitions go on without
/// the person; whoever wants them to end withdraws them first. Officers' accounts are disabled by the administration instead.
#[utoipa::path(
    tag = "accounts",
    request_body = DeleteMeBody,
    responses((status = 200, description = "Erased", body = OwnErasure))
)]
#[delete("/me")]
pub async fn delete_me(
    app: Data<App>,
    CurrentAccount(own): CurrentAccount,
    RequestClient(visitor): RequestClient,
    JsonBody(body): JsonBody<DeleteMeBody>,
) -> HandlerResult {
    let proof = Reauthentication { current_password: body.current_password.as_deref(), totp: body.totp.as_deref() };
    Ok(HttpResponse::Ok().json(personal::erase_own(&app, &own, &visitor, proof).await?))
}

fn account(profile: Profile) -> HttpResponse {
    let view = AccountView::from(profile);
    HttpResponse::Ok().insert_header(etag(view.version())).json(view)
}
