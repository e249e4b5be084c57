//! `/me/notifications`: the notifications of an account, and marking them as read.

use crate::accounts::access::AnyAccount;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::delivery::notifications::{self, NotificationLine};
use crate::kernel::ids::NotificationId;
use crate::web::HandlerResult;
use crate::web::extract::page::PageParameters;
use crate::web::extract::{JsonBody, ListQuery};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Name of the list in its cursors.
const LIST: &str = "notifications";

/// One page of notifications.
#[derive(Serialize, ToSchema)]
pub struct NotificationPage {
    /// Newest first.
    items: Vec<NotificationLine>,
    /// The cursor of the next page; null on the last one.
    #[schema(required)]
    next_cursor: Option<String>,
    /// How many have not been read, of all.
    unread: i64,
}

/// Up to where everything has been read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadBody {
    /// The number of the newest notification that was seen.
    up_to: NotificationId,
}

/// What the account is told: a petitioner of their petitions, officers of what their agency holds, coordinators of their desk.
#[utoipa::path(
    tag = "notifications",
    params(PageParameters),
    responses((status = 200, description = "One page", body = NotificationPage))
)]
#[get("/me/notifications")]
pub async fn list_notifications(signed: Authorized<AnyAccount>, app: Data<App>, query: ListQuery) -> HandlerResult {
    let before = query.page.after::<NotificationId>(LIST)?;
    let inbox = notifications::page(&app, &signed.actor, before, query.page.limit).await?;
    let page = query.page.answer(LIST, inbox.items, inbox.next.as_ref());
    let answer = NotificationPage { items: page.items, next_cursor: page.next_cursor, unread: inbox.unread };
    Ok(HttpResponse::Ok().json(answer))
}

/// Marks everything up to a notification as read; it never becomes unread again.
#[utoipa::path(
    tag = "notifications",
    request_body = ReadBody,
    responses((status = 204, description = "Marked"))
)]
#[post("/me/notifications/read")]
pub async fn read_notifications(
    signed: Authorized<AnyAccount>,
    app: Data<App>,
    JsonBody(body): JsonBody<ReadBody>,
) -> HandlerResult {
    notifications::mark_read(&app, &signed.actor, body.up_to).await?;
    Ok(HttpResponse::NoContent().finish())
}
