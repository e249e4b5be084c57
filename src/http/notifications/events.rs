//! `/me/events`: notifications as they happen, as server-sent events (WHATWG HTML, section 9.2).
//!
//! A stream tells only what is new. Whoever was away asks the list; whoever falls behind gets the event `behind` and does the same.
//! An account has five streams at most; the sixth ends the first, which gets the event `replaced` and should not come back by itself.

use crate::app::App;
use crate::http::Answer;
use crate::http::extract::Signed;
use crate::services::access::AnyAccount;
use crate::services::notifications::{Heard, Listener};
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Bytes, Data};
use futures_util::stream;
use pakn_route::get;
use std::convert::Infallible;
use std::time::Duration;

/// How often something is sent when nothing happens, so that proxies and phones keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// The notifications of the account as they happen: events `notification` with the same content as in the list. At most five
/// streams of one account: a sixth ends the first with the event `replaced`.
#[utoipa::path(
    tag = "notifications",
    responses((status = 200, description = "A stream that does not end", content_type = "text/event-stream", body = String))
)]
#[get("/me/events")]
pub async fn stream_events(signed: Signed<AnyAccount>, app: Data<App>) -> Answer {
    let listener = app.feed.listen(&app, &signed.actor).await?;
    let greeting = stream::once(async { Ok(Bytes::from_static(b": pakn\nretry: 5000\n\n")) });
    let events = stream::unfold(listener, |mut listener| async move {
        let event = next(&mut listener).await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // Proxies of the nginx family would hold the stream back until it ends.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream::StreamExt::chain(greeting, events)))
}

async fn next(listener: &mut Listener) -> Option<Bytes> {
    match tokio::time::timeout(HEARTBEAT, listener.next()).await {
        Err(_) => Some(Bytes::from_static(b": still here\n\n")),
        Ok(None) => None,
        Ok(Some(Heard::Missed(missed))) => Some(Bytes::from(format!("event: behind\ndata: {missed}\n\n"))),
        Ok(Some(Heard::Replaced)) => Some(Bytes::from_static(b"event: replaced\ndata: {}\n\n")),
        Ok(Some(Heard::Line(line))) => {
            let data = serde_json::to_string(&line).unwrap_or_default();
            Some(Bytes::from(format!("id: {}\nevent: notification\ndata: {data}\n\n", line.id)))
        }
    }
}
