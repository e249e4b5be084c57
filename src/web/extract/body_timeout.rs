//! How long a body may take: a client that sends a byte a second must not hold a place for ever.

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::StreamExt;
use futures_util::stream::unfold;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long the next bytes of a file may be waited for: telephones lose their network and find it again.
const PAUSE: Duration = Duration::from_secs(30);
/// How many bytes have to come in that time; the slowest network of a telephone brings more.
const LEAST_BYTES: usize = 64 * 1024;

/// A body that is read at once: it has to be there in time, as a whole.
pub(super) fn of_small(payload: Payload, seconds: u64) -> Payload {
    let end = Instant::now() + Duration::from_secs(seconds);
    with(payload, move |_, _| end)
}

/// A file: it may take its time as long as enough of it comes.
pub(super) fn of_file(payload: Payload) -> Payload {
    let mut pace = TransferRate::default();
    with(payload, move |bytes, waited| Instant::now() + pace.after(bytes, waited))
}

/// How fast a file comes. Only waiting for the client counts, not what we do with its bytes meanwhile.
#[derive(Default)]
struct TransferRate {
    bytes: usize,
    waited: Duration,
}

impl TransferRate {
    /// How long the next bytes may be waited for after these have come.
    fn after(&mut self, bytes: usize, waited: Duration) -> Duration {
        self.bytes = self.bytes.saturating_add(bytes);
        self.waited = self.waited.saturating_add(waited);
        if self.bytes >= LEAST_BYTES {
            *self = Self::default();
        }
        PAUSE.saturating_sub(self.waited)
    }
}

/// Whether a body came too slowly.
pub(crate) fn is_over(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Io(cause) if cause.kind() == ErrorKind::TimedOut)
}

/// The end is asked for before each piece, with the bytes of the one before and how long it was waited for.
fn with(payload: Payload, mut end: impl FnMut(usize, Duration) -> Instant + 'static) -> Payload {
    let next = move |state: Option<(Payload, usize, Duration)>| {
        let until = state.as_ref().map(|(_, bytes, waited)| end(*bytes, *waited));
        async move {
            let ((mut payload, ..), until) = (state?, until?);
            let begun = Instant::now();
            match timeout_at(until, payload.next()).await {
                Ok(None) => None,
                Ok(Some(piece)) => {
                    let bytes = piece.as_ref().map_or(0, Bytes::len);
                    Some((piece, Some((payload, bytes, begun.elapsed()))))
                }
                Err(_) => {
                    let late: Result<Bytes, PayloadError> = Err(PayloadError::Io(ErrorKind::TimedOut.into()));
                    Some((late, None))
                }
            }
        }
    };
    // Readers of bodies ask once more after the end.
    Payload::Stream { payload: Box::pin(unfold(Some((payload, 0, Duration::ZERO)), next).fuse()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_comes_byte_by_byte_is_not_waited_for() {
        let second = Duration::from_secs(1);
        let mut pace = TransferRate::default();
        assert_eq!(pace.after(0, Duration::ZERO), PAUSE);
        let left: Vec<u64> = (0..30).map(|_| pace.after(1, second).as_secs()).collect();
        assert_eq!((left.first(), left.last()), (Some(&29), Some(&0)), "each byte takes of the same time");
        assert_eq!(pace.after(1, second), Duration::ZERO);
    }

    #[test]
    fn a_file_that_comes_fast_enough_may_take_its_time() {
        let mut pace = TransferRate::default();
        for _ in 0..1000 {
            assert_eq!(pace.after(LEAST_BYTES - 1, Duration::from_secs(20)), Duration::from_secs(10));
            assert_eq!(pace.after(1, Duration::from_secs(9)), PAUSE);
        }
    }
}
