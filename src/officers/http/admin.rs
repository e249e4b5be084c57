//! `/admin/accounts`: list, create, change, disable, reset and import officer accounts; petitioners never appear
//! here.

use crate::accounts::Profile;
use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::accounts::http::responses::{key, versioned};
use crate::accounts::http::view::{OfficerView, null_empties};
use crate::app::App;
use crate::kernel::account::{AccountState, Role};
use crate::kernel::ids::AccountId;
use crate::officers::{self, Administrator, NewOfficer, OfficerChanges, OfficerSearch};
use crate::web::HandlerResult;
use crate::web::extract::page::PageParameters;
use crate::web::extract::{CsvBody, IfMatch, ItemPage, JsonBody, ListQuery, RepeatableBody, etag};
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::{Data, Path};
use pakn_route::{get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// List name in cursors.
const LIST: &str = "admin_accounts";

/// Which officers to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountFilter {
    /// Code of their agency, in force or not.
    agency: Option<String>,
    /// One of their roles.
    role: Option<Role>,
    /// `active` or `disabled`.
    state: Option<AccountState>,
    /// Part of the user name, the name or the e-mail, with or without accents.
    q: Option<String>,
}

/// A new officer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAccountBody {
    /// 3–64 of `a`–`z`, `0`–`9`, `.`, `_`, `-`, with a letter among them.
    #[schema(example = "an.nguyen")]
    username: String,
    full_name: String,
    /// Code of an agency in force; clerks, handlers and leaders need one.
    agency: Option<String>,
    /// `clerk`, `handler`, `leader`, `coordinator`, `reviewer`, `admin`.
    roles: Vec<Role>,
    email: Option<String>,
    /// In any Vietnamese spelling.
    phone: Option<String>,
    /// Drawn at random when left out; to be changed at the first sign-in either way.
    #[schema(min_length = 8, max_length = 128)]
    password: Option<String>,
}

/// What changes; a field that is left out stays as it is, `null` empties it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAccountBody {
    #[serde(default, deserialize_with = "null_empties")]
    full_name: Option<String>,
    /// Code of an agency in force.
    #[serde(default, deserialize_with = "null_empties")]
    agency: Option<String>,
    /// All roles from now on.
    roles: Option<Vec<Role>>,
    state: Option<AccountState>,
    #[serde(default, deserialize_with = "null_empties")]
    email: Option<String>,
    /// In any Vietnamese spelling.
    #[serde(default, deserialize_with = "null_empties")]
    phone: Option<String>,
}

/// An account with its one-time password.
#[derive(Serialize, ToSchema)]
pub struct AccountWithPassword {
    account: OfficerView,
    /// Shown here and never again; null when the request brought a password along.
    #[schema(required)]
    initial_password: Option<String>,
}

/// An account whose password was ended.
#[derive(Serialize, ToSchema)]
pub struct ResetAccount {
    account: OfficerView,
    /// Shown here and never again; null when a link was sent to the officer.
    #[schema(required)]
    initial_password: Option<String>,
    /// Whether a link for a new password is on its way to the officer.
    link_sent: bool,
}

/// What an import did.
#[derive(Serialize, ToSchema)]
pub struct ImportView {
    /// New accounts, in the order of the file.
    created: Vec<ImportedAccountView>,
    /// How many accounts were brought up to date.
    changed: usize,
    /// How many were so already.
    unchanged: usize,
}

/// An account that the file made.
#[derive(Serialize, ToSchema)]
pub struct ImportedAccountView {
    username: String,
    /// Shown here and never again; null when the file brought a password along.
    #[schema(required)]
    initial_password: Option<String>,
}

/// Lists officers' accounts.
#[utoipa::path(
    tag = "admin",
    params(PageParameters, AccountFilter),
    responses((status = 200, description = "One page", body = ItemPage<OfficerView>))
)]
#[get("/admin/accounts")]
pub async fn list_accounts(app: Data<App>, by: Authorized<Admin>, query: ListQuery<AccountFilter>) -> HandlerResult {
    let AccountFilter { agency, role, state, q } = query.filter;
    let (after, limit) = (query.page.after::<AccountId>(LIST)?, usize::try_from(query.page.limit).unwrap_or_default());
    let search = OfficerSearch { agency, role, state, q };
    let (page, has_more) = officers::list(&app, &administrator(by), search, after, limit).await?;
    let items: Vec<OfficerView> = page.into_iter().map(OfficerView::from).collect();
    let next = items.last().map(OfficerView::id).filter(|_| has_more);
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, items, next.as_ref())))
}

/// One officer's account.
#[utoipa::path(tag = "admin", responses((status = 200, description = "The account", body = OfficerView)))]
#[get("/admin/accounts/{id}")]
pub async fn read_account(app: Data<App>, by: Authorized<Admin>, id: Path<AccountId>) -> HandlerResult {
    Ok(officer(officers::find(&app, &administrator(by), id.into_inner()).await?))
}

/// Makes an officer's account.
#[utoipa::path(
    tag = "admin",
    request_body = CreateAccountBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request again")),
    responses((status = 201, description = "Made", body = AccountWithPassword, headers(("Location" = String))))
)]
#[post("/admin/accounts")]
pub async fn create_account(app: Data<App>, by: Authorized<Admin>, sent: RepeatableBody<CreateAccountBody>) -> HandlerResult {
    let key = key(&by.actor, "create_account", &sent);
    let body = sent.value;
    let new = NewOfficer {
        username: body.username,
        full_name: body.full_name,
        agency: body.agency,
        roles: body.roles,
        email: body.email,
        phone: body.phone,
        password: body.password,
        must_change_password: true,
    };
    let created = officers::create(&app, &administrator(by), &new, key).await?;
    let account = OfficerView::from(created.profile);
    let location = format!("/api/v1/admin/accounts/{}", account.id());
    let initial_password = created.initial_password.map(|password| password.reveal().to_owned());
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, location))
        .insert_header(etag(account.version()))
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(AccountWithPassword { account, initial_password }))
}

/// Changes an officer's name, place, roles, state or contacts.
#[utoipa::path(
    tag = "admin",
    request_body = ChangeAccountBody,
    params(("If-Match" = Option<String>, Header, description = "The version that was read, as `\"3\"`")),
    responses((status = 200, description = "The account as it now stands", body = OfficerView))
)]
#[patch("/admin/accounts/{id}")]
pub async fn change_account(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<AccountId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<ChangeAccountBody>,
) -> HandlerResult {
    let changes = OfficerChanges {
        full_name: body.full_name,
        agency: body.agency,
        roles: body.roles,
        state: body.state,
        email: body.email,
        phone: body.phone,
    };
    Ok(officer(officers::change(&app, &administrator(by), id.into_inner(), version, changes).await?))
}

/// Bars an officer from signing in and ends all sessions, at once.
#[utoipa::path(tag = "admin", responses((status = 200, description = "The account as it now stands", body = OfficerView)))]
#[post("/admin/accounts/{id}/disable")]
pub async fn disable_account(app: Data<App>, by: Authorized<Admin>, id: Path<AccountId>) -> HandlerResult {
    Ok(officer(officers::disable(&app, &administrator(by), id.into_inner()).await?))
}

/// Lets an officer sign in again.
#[utoipa::path(tag = "admin", responses((status = 200, description = "The account as it now stands", body = OfficerView)))]
#[post("/admin/accounts/{id}/enable")]
pub async fn enable_account(app: Data<App>, by: Authorized<Admin>, id: Path<AccountId>) -> HandlerResult {
    Ok(officer(officers::enable(&app, &administrator(by), id.into_inner()).await?))
}

/// Ends the password and all sessions of the officer. Where the officer has proven an e-mail, a link for a new password goes there; otherwise
/// a one-time password is shown here and never again, and the roles that handle petitions wait until somebody confirms the person.
#[utoipa::path(tag = "admin", responses((status = 200, description = "The one-time password, or the link is on its way", body = ResetAccount)))]
#[post("/admin/accounts/{id}/reset")]
pub async fn reset_account(app: Data<App>, by: Authorized<Admin>, id: Path<AccountId>) -> HandlerResult {
    let (profile, password) = officers::reset(&app, &administrator(by), id.into_inner()).await?;
    let account = OfficerView::from(profile);
    let initial_password = password.map(|password| password.reveal().to_owned());
    let link_sent = initial_password.is_none();
    Ok(HttpResponse::Ok().insert_header(etag(account.version())).insert_header((CACHE_CONTROL, "no-store")).json(ResetAccount {
        account,
        initial_password,
        link_sent,
    }))
}

/// Lets an officer who was wrong too often try again at once.
#[utoipa::path(tag = "admin", responses((status = 200, description = "The account as it now stands", body = OfficerView)))]
#[post("/admin/accounts/{id}/unlock")]
pub async fn unlock_account(app: Data<App>, by: Authorized<Admin>, id: Path<AccountId>) -> HandlerResult {
    Ok(officer(officers::unlock(&app, &administrator(by), id.into_inner()).await?))
}

/// Takes a lost second factor away and ends all sessions of the officer.
#[utoipa::path(tag = "admin", responses((status = 200, description = "The account as it now stands", body = OfficerView)))]
#[post("/admin/accounts/{id}/second-factor/remove")]
pub async fn remove_account_second_factor(app: Data<App>, by: Authorized<Admin>, id: Path<AccountId>) -> HandlerResult {
    Ok(officer(officers::remove_second_factor(&app, &administrator(by), id.into_inner()).await?))
}

/// Makes or updates many officers from CSV, all lines or none; problems are named `lines.<number>.<column>`.
#[utoipa::path(
    tag = "admin",
    request_body(content = String, content_type = "text/csv", description = "`username,full_name,agency_code,roles[,password][,email]`; roles separated by `;`"),
    responses((status = 200, description = "What was done", body = ImportView))
)]
#[post("/admin/accounts/import")]
pub async fn import_accounts(app: Data<App>, by: Authorized<Admin>, CsvBody(file): CsvBody) -> HandlerResult {
    let report = officers::import(&app, &administrator(by), &file, |_, _| {}).await?;
    let view = |officer: officers::ImportedOfficer| ImportedAccountView {
        username: officer.username,
        initial_password: officer.initial_password.map(|password| password.reveal().to_owned()),
    };
    let created = report.created.into_iter().map(view).collect();
    let view = ImportView { created, changed: report.changed, unchanged: report.unchanged };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(view))
}

fn administrator(by: Authorized<Admin>) -> Administrator {
    Administrator::Account(by.actor)
}

fn officer(profile: Profile) -> HttpResponse {
    let view = OfficerView::from(profile);
    versioned(view.version(), &view)
}
