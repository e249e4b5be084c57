//! Sends responses in chunks, and limits concurrent responses per client.
//!
//! Takes a finished response, returns one of which the connection buffers only one chunk. Rules: a client that
//! sends requests without reading the responses costs one chunk per connection, not whole responses; a slot is
//! held until the response was sent or the connection closed.

use crate::kernel::client_address::ClientAddress;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

/// The connection takes the next chunk when it has written the previous one.
const PIECE: usize = 32 * 1024;

/// Number of responses being sent per client.
#[derive(Clone)]
pub(super) struct ResponseSlots {
    /// Maximum per client; `None` for no limit.
    most: Option<usize>,
    by_source: Arc<Mutex<HashMap<ClientAddress, usize>>>,
}

/// One response being sent; releases its slot on drop.
pub(super) struct ResponseSlot {
    outgoing: ResponseSlots,
    source: ClientAddress,
}

impl ResponseSlots {
    /// Creates slots with this maximum per client; 0 for no limit.
    pub(super) fn new(most: usize) -> Self {
        Self { most: Some(most).filter(|most| *most > 0), by_source: Arc::default() }
    }

    /// Takes a slot if one is free.
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

/// The unsent rest of a complete or a streaming body.
enum RemainingBody {
    Made(Bytes),
    Making(BoxBody),
}

/// A body being sent, with its slot.
struct ChunkedBody {
    size: BodySize,
    rest: RemainingBody,
    _place: Option<ResponseSlot>,
}

/// Splits a body into chunks; the slot is held until all of it was sent.
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
