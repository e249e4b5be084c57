//! How answers go out: piece by piece, and so many at once to one source.
//!
//! Enters a finished answer, leaves one of which the connection holds no more than a piece. Rules kept here: whoever asks again and again
//! without reading costs a piece for each connection and not every answer; a place is held until an answer has gone out or its
//! connection has ended.

use crate::kernel::client_address::ClientAddress;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

/// The connection takes the next piece once it has written what it has.
const PIECE: usize = 32 * 1024;

/// How many answers are on their way to each source.
#[derive(Clone)]
pub(super) struct ResponseSlots {
    /// The most to one source; none where there is no bound.
    most: Option<usize>,
    by_source: Arc<Mutex<HashMap<ClientAddress, usize>>>,
}

/// One answer on its way.
pub(super) struct ResponseSlot {
    outgoing: ResponseSlots,
    source: ClientAddress,
}

impl ResponseSlots {
    /// With so many at once to one source; 0 for any number.
    pub(super) fn new(most: usize) -> Self {
        Self { most: Some(most).filter(|most| *most > 0), by_source: Arc::default() }
    }

    /// Takes a place, where one is left.
    pub(super) fn enter(&self, source: &ClientAddress) -> Option<ResponseSlot> {
        let mut by_source = self.by_source.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_source.entry(source.clone()).or_default();
        if self.most.is_some_and(|most| *count >= most) {
            return None;
        }
        *count += 1;
        Some(ResponseSlot { outgoing: self.clone(), source: source.clone() })
    }
}

impl Drop for ResponseSlot {
    fn drop(&mut self) {
        let mut by_source = self.outgoing.by_source.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_source.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                by_source.remove(&self.source);
            }
        }
    }
}

/// What goes out of a finished answer, or of one that is still being made.
enum RemainingBody {
    Made(Bytes),
    Making(BoxBody),
}

/// An answer on its way, with its place.
struct ChunkedBody {
    size: BodySize,
    rest: RemainingBody,
    _place: Option<ResponseSlot>,
}

/// The same answer, piece by piece; the place is held for as long as any of it has not gone out.
pub(super) fn chunked(body: BoxBody, place: Option<ResponseSlot>) -> BoxBody {
    let size = body.size();
    if matches!(size, BodySize::None) {
        return body;
    }
    let rest = body.try_into_bytes().map_or_else(RemainingBody::Making, RemainingBody::Made);
    BoxBody::new(ChunkedBody { size, rest, _place: place })
}

impl MessageBody for ChunkedBody {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        match &mut self.rest {
            RemainingBody::Made(bytes) if bytes.is_empty() => Poll::Ready(None),
            RemainingBody::Made(bytes) => Poll::Ready(Some(Ok(bytes.split_to(bytes.len().min(PIECE))))),
            RemainingBody::Making(body) => Pin::new(body).poll_next(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn source(last: u8) -> ClientAddress {
        ClientAddress::of(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)))
    }

    #[tokio::test]
    async fn an_answer_goes_out_whole_and_in_pieces() {
        let text: Vec<u8> = (0..100_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let mut body = chunked(BoxBody::new(text.clone()), None);
        assert_eq!(body.size(), BodySize::Sized(100_000));
        let (mut read, mut most) = (Vec::new(), 0);
        while let Some(piece) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await {
            let piece = piece.unwrap();
            most = most.max(piece.len());
            read.extend_from_slice(&piece);
        }
        assert_eq!((read, most), (text, PIECE));
    }

    #[test]
    fn a_source_holds_so_many_places_and_no_more_and_gives_them_back() {
        let outgoing = ResponseSlots::new(2);
        let first = outgoing.enter(&source(1));
        let second = outgoing.enter(&source(1)).map(|place| chunked(BoxBody::new("an answer"), Some(place)));
        assert!(first.is_some() && second.is_some());
        assert!(outgoing.enter(&source(1)).is_none());
        assert!(outgoing.enter(&source(2)).is_some(), "another source has its own");
        drop(second);
        assert!(outgoing.enter(&source(1)).is_some());
        drop(first);
        assert!(outgoing.by_source.lock().unwrap().is_empty());
        let unbounded = ResponseSlots::new(0);
        let places: Vec<_> = (0..1000).map(|_| unbounded.enter(&source(1))).collect();
        assert!(places.iter().all(Option::is_some));
    }
}
