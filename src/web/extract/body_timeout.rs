//! Timeouts for request bodies, so that a slow client (one byte per second) cannot hold a slot forever.

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::StreamExt;
use futures_util::stream::unfold;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Maximum time to wait for [`LEAST_BYTES`] of a file; mobile phones lose their network and find it again.
const PAUSE: Duration = Duration::from_secs(30);
/// Minimum bytes per [`PAUSE`]; slower than the slowest mobile network.
const LEAST_BYTES: usize = 64 * 1024;

/// Limits a small body: it must arrive completely within this time.
pub(super) fn of_small(payload: Payload, seconds: u64) -> Payload {
    let end = Instant::now() + Duration::from_secs(seconds);
    with(payload, move |_, _| end)
}

/// Limits a file: no total limit as long as enough bytes keep arriving.
pub(super) fn of_file(payload: Payload) -> Payload {
    let mut pace = TransferRate::default();
    with(payload, move |bytes, waited| Instant::now() + pace.after(bytes, waited))
}

/// The transfer rate of a file. Counts only time spent waiting for the client, not our own processing.
#[derive(Default)]
struct TransferRate {
    bytes: usize,
    waited: Duration,
}

impl TransferRate {
    /// Returns how long to wait for the next bytes.
    fn after(&mut self, bytes: usize, waited: Duration) -> Duration {
        self.bytes = self.bytes.saturating_add(bytes);
        self.waited = self.waited.saturating_add(waited);
        if self.bytes >= LEAST_BYTES {
            *self = Self::default();
        }
        PAUSE.saturating_sub(self.waited)
    }
}

/// Returns whether a body error is a timeout.
pub(crate) fn is_over(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Io(cause) if cause.kind() == ErrorKind::TimedOut)
}

/// `end` computes the deadline of each chunk from the size of the previous one and the time waited for it.
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
    // Fused, because readers poll once more after the end.
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
