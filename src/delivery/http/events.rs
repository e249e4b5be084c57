//! `/me/events`: notifications as server-sent events (WHATWG HTML, section 9.2).
//!
//! A stream carries only new notifications; clients fetch older ones from the list. A client that falls behind gets
//! the event `behind` and should reload the list. An account has at most five streams; the sixth ends the oldest,
//! which gets the event `replaced` and should not reconnect automatically. Rule: session, roles and account are
//! checked again before every event and with every heartbeat; if one of them is no longer valid the stream sends
//! `ended` and closes.

use crate::accounts::access::AnyAccount;
use crate::accounts::http::extract::{Authorized, CurrentAccount};
use crate::accounts::is_unchanged;
use crate::app::App;
use crate::delivery::notifications::{FeedEvent, FeedSubscriber};
use crate::kernel::account::Actor;
use crate::kernel::ids::SessionId;
use crate::web::HandlerResult;
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Bytes, Data};
use futures_util::stream;
use pakn_route::get;
use std::convert::Infallible;
use std::time::Duration;

/// One open stream.
struct NotificationStream {
    app: Data<App>,
    listener: FeedSubscriber,
    actor: Actor,
    session: SessionId,
    is_over: bool,
}

/// The notifications of the account as they happen: events `notification` with the same content as in the list. At most five
/// streams of one account: a sixth ends the first with the event `replaced`. A stream ends with the event `ended` within one
/// heartbeat of the end of its session, a change of the account's roles or agency, or the end of the account.
#[utoipa::path(
    tag = "notifications",
    responses((status = 200, description = "A stream that does not end", content_type = "text/event-stream", body = String))
)]
#[get("/me/events")]
pub async fn stream_events(signed: Authorized<AnyAccount>, app: Data<App>, holder: CurrentAccount) -> HandlerResult {
    let listener = app.feed.listen(&app, &signed.actor).await?;
    let greeting = stream::once(async { Ok(Bytes::from_static(b": pakn\nretry: 5000\n\n")) });
    let open = NotificationStream { app, listener, actor: signed.actor, session: holder.0.session, is_over: false };
    let events = stream::unfold(open, |mut open| async move {
        let event = open.next().await?;
        Some((Ok::<_, Infallible>(event), open))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // nginx and similar proxies would otherwise buffer the stream until it ends.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream::StreamExt::chain(greeting, events)))
}

impl NotificationStream {
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        let heartbeat = Duration::from_secs(self.app.config.event_heartbeat_seconds.into());
        let event = tokio::time::timeout(heartbeat, self.listener.next()).await;
        // If the check fails, end the stream; the client reconnects.
        if !is_unchanged(&self.app, self.session, &self.actor).await.unwrap_or(false) {
            self.is_over = true;
            return Some(Bytes::from_static(b"event: ended\ndata: {}\n\n"));
        }
        match event {
            Err(_) => Some(Bytes::from_static(b": still here\n\n")),
            Ok(None) => None,
            Ok(Some(FeedEvent::Missed(missed))) => Some(Bytes::from(format!("event: behind\ndata: {missed}\n\n"))),
            Ok(Some(FeedEvent::Replaced)) => Some(Bytes::from_static(b"event: replaced\ndata: {}\n\n")),
            Ok(Some(FeedEvent::Line(line))) => {
                let data = serde_json::to_string(&line).unwrap_or_default();
                Some(Bytes::from(format!("id: {}\nevent: notification\ndata: {data}\n\n", line.id)))
            }
        }
    }
}
