//! How long a body may take: a client that sends a byte a second must not hold a place for ever.

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::StreamExt;
use futures_util::stream::unfold;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long the next piece of a file may take: telephones lose their network and find it again.
const PIECE: Duration = Duration::from_secs(60);

/// A body that is read at once: it has to be there in time, as a whole.
pub(super) fn of_small(payload: Payload, seconds: u64) -> Payload {
    let end = Instant::now() + Duration::from_secs(seconds);
    with(payload, move || end)
}

/// A file: it may take its time as long as something comes.
pub(super) fn of_file(payload: Payload) -> Payload {
    with(payload, || Instant::now() + PIECE)
}

/// Whether a body came too slowly.
pub(super) fn is_over(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Io(cause) if cause.kind() == ErrorKind::TimedOut)
}

fn with(payload: Payload, end: impl Fn() -> Instant + 'static) -> Payload {
    let next = move |state: Option<Payload>| {
        let until = end();
        async move {
            let mut payload = state?;
            match timeout_at(until, payload.next()).await {
                Ok(None) => None,
                Ok(Some(piece)) => Some((piece, Some(payload))),
                Err(_) => {
                    let late: Result<Bytes, PayloadError> = Err(PayloadError::Io(ErrorKind::TimedOut.into()));
                    Some((late, None))
                }
            }
        }
    };
    // Readers of bodies ask once more after the end.
    Payload::Stream { payload: Box::pin(unfold(Some(payload), next).fuse()) }
}
