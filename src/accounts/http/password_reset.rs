//! `/auth/password-reset`: requesting a link, and the page behind it.
//!
//! The page is one form without scripts, because the link opens in whatever browser the phone uses; apps post JSON
//! to the same address.

use crate::accounts;
use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::kernel::Lang;
use crate::web::HandlerResult;
use crate::web::extract::{JsonBody, Language, RequestClient};
use crate::web::pages::page;
use crate::web::problem::Problem;
use actix_web::web::{Data, Form, Path};
use actix_web::{Either, HttpResponse};
use pakn_route::{get, post};
use serde::Deserialize;
use utoipa::ToSchema;

/// Who has forgotten the password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgottenBody {
    /// Phone in any Vietnamese spelling, e-mail, or an officer's user name.
    #[schema(example = "0912345678")]
    login: String,
}

/// The password from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasswordBody {
    /// 8–128 characters, not easy to guess; more for some officers.
    #[schema(min_length = 8, max_length = 128)]
    new_password: String,
}

/// Sends a link for a new password to whoever holds the account; answered the same whether there is one.
#[utoipa::path(tag = "accounts", request_body = ForgottenBody, responses((status = 202, description = "Noted; a link follows if there is such an account")))]
#[post("/auth/password-reset")]
pub async fn request_password_reset(
    _anybody: Public,
    app: Data<App>,
    RequestClient(visitor): RequestClient,
    JsonBody(body): JsonBody<ForgottenBody>,
) -> HandlerResult {
    accounts::request_password_reset(&app, &body.login, &visitor.source).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// The page behind the link: one field and one button.
#[utoipa::path(
    tag = "accounts",
    responses(
        (status = 200, description = "A page", content_type = "text/html", body = String),
        (status = 404, description = "A page that says that the link is not good, or not any more", content_type = "text/html", body = String)
    )
)]
#[get("/auth/password-reset/{token}")]
pub async fn show_password_reset(_anybody: Public, app: Data<App>, language: Language, token: Path<String>) -> HandlerResult {
    let lang = language.0;
    match accounts::check_reset_link(&app, &token).await {
        Ok(()) => Ok(form(lang, "")),
        Err(error) => Ok(refused(lang, &Problem::from(error))),
    }
}

/// Sets the new password and ends every session.
#[utoipa::path(
    tag = "accounts",
    request_body = NewPasswordBody,
    responses((status = 204, description = "Set"), (status = 200, description = "Set; a page says so to whoever sent the form", content_type = "text/html", body = String))
)]
#[post("/auth/password-reset/{token}")]
pub async fn reset_password(
    _anybody: Public,
    app: Data<App>,
    language: Language,
    token: Path<String>,
    body: Either<Form<NewPasswordBody>, JsonBody<NewPasswordBody>>,
) -> HandlerResult {
    let lang = language.0;
    match body {
        Either::Right(JsonBody(body)) => {
            accounts::reset_password(&app, &token, &body.new_password).await?;
            Ok(HttpResponse::NoContent().finish())
        }
        Either::Left(Form(body)) => match accounts::reset_password(&app, &token, &body.new_password).await.map_err(Problem::from)
        {
            Ok(()) => {
                let done = lang.pick("Đã đặt mật khẩu mới. Hãy đăng nhập lại.", "The new password is set. Sign in again.");
                Ok(page(lang, &format!("<h1>{done}</h1>")))
            }
            Err(problem) if problem.errors().is_empty() => Ok(refused(lang, &problem)),
            Err(problem) => {
                let wrong: Vec<String> = problem.errors().iter().map(|error| error.rule.message(lang)).collect();
                Ok(form(lang, &wrong.join(" ")))
            }
        },
    }
}

fn form(lang: Lang, wrong: &str) -> HttpResponse {
    let title = lang.pick("Đặt mật khẩu mới", "A new password");
    let label = lang.pick("Mật khẩu mới (ít nhất 8 ký tự)", "New password (8 characters at least)");
    let button = lang.pick("Đặt mật khẩu", "Set the password");
    page(
        lang,
        &format!(
            "<h1>{title}</h1><p role=\"alert\">{wrong}</p><form method=\"post\"><p><label>{label}<br><input name=\"new_password\" \
             type=\"password\" minlength=\"8\" maxlength=\"128\" autocomplete=\"new-password\" required></label></p>\
             <button>{button}</button></form>"
        ),
    )
}

fn refused(lang: Lang, problem: &Problem) -> HttpResponse {
    let mut answer = page(lang, &format!("<h1>{}</h1>", problem.sentence(lang)));
    *answer.status_mut() = problem.status();
    answer.extensions_mut().insert(crate::web::problem::PreformattedResponse);
    answer
}
