//! Fair queue for image decoding: one image at a time, weighted by cost, so that a source that sends many
//! or expensive images does not block the others.
//!
//! Takes a source and the price of an image; returns a slot when it is the image's turn. Scheduling uses
//! virtual start times: a global virtual clock advances by finished work divided by the number of active
//! sources; each source's clock advances by the price of what it sends and is never behind the global
//! clock. The image with the lowest start time is next; ties go to the one that arrived first. A new source
//! therefore cannot overtake an image that is the first of its source, and an image behind others of its
//! source waits no longer than its share of the work takes.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// How many source clocks are kept; above this, clocks behind the global one are dropped.
const MOST_SOURCES: usize = 1000;

/// The image queue of this process.
#[derive(Debug, Clone)]
pub struct ImageQueue {
    queue: Arc<Mutex<ImageQueueState>>,
    /// The maximum total price of waiting images per source.
    most: u64,
}

#[derive(Debug, Default)]
struct ImageQueueState {
    /// The source and price of the image in work.
    in_work: Option<(String, u64)>,
    /// The global virtual clock.
    clock: u64,
    clocks: HashMap<String, u64>,
    waiting: Vec<WaitingImage>,
    came: u64,
}

#[derive(Debug)]
struct WaitingImage {
    /// The virtual start time, then the arrival number.
    order: (u64, u64),
    source: String,
    price: u64,
    turn: oneshot::Sender<ImageSlot>,
}

/// The permission to decode one image; released on drop.
#[derive(Debug)]
pub struct ImageSlot(ImageQueue);

/// Too many images of the same source are waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageQueueFull;

impl ImageQueue {
    /// Creates an empty queue; `most` limits the total price of waiting images per source.
    #[must_use]
    pub fn new(most: u64) -> Self {
        Self { queue: Arc::default(), most }
    }

    /// Waits for a slot. Dropping the future leaves the queue.
    ///
    /// # Errors
    /// [`ImageQueueFull`] when the waiting images of this source would exceed the limit.
    pub async fn acquire(&self, source: &str, price: u64) -> Result<ImageSlot, ImageQueueFull> {
        let turn = {
            let mut queue = self.lock();
            queue.forget_those_who_left();
            if queue.in_work.is_none() {
                queue.begin(source, price);
                queue.in_work = Some((source.to_owned(), price));
                return Ok(ImageSlot(self.clone()));
            }
            let waits: u64 = queue.waiting.iter().filter(|waiting| waiting.source == source).map(|waiting| waiting.price).sum();
            // The first image may always wait; otherwise the most expensive ones would only run in an idle queue.
            if waits > 0 && waits.saturating_add(price) > self.most {
                return Err(ImageQueueFull);
            }
            let (turn, told) = oneshot::channel();
            queue.came += 1;
            let order = (queue.begin(source, price), queue.came);
            queue.waiting.push(WaitingImage { order, source: source.to_owned(), price, turn });
            told
        };
        turn.await.map_err(|_| ImageQueueFull)
    }

    fn lock(&self) -> MutexGuard<'_, ImageQueueState> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) {
        let next = {
            let mut queue = self.lock();
            queue.forget_those_who_left();
            queue.finish();
            let place = queue.waiting.iter().enumerate().min_by_key(|(_, waiting)| waiting.order).map(|(place, _)| place);
            let Some(place) = place else {
                // The queue is idle, so all clocks can restart at zero.
                queue.clock = 0;
                queue.clocks.clear();
                return;
            };
            let next = queue.waiting.swap_remove(place);
            queue.in_work = Some((next.source, next.price));
            next.turn
        };
        // If the receiver is gone, the slot is dropped and passes to the next image.
        let _ = next.send(ImageSlot(self.clone()));
    }
}

impl ImageQueueState {
    /// Advances the clock of a source by the price; returns its previous value.
    fn begin(&mut self, source: &str, price: u64) -> u64 {
        let now = self.clock;
        if self.clocks.len() >= MOST_SOURCES {
            self.clocks.retain(|_, clock| *clock > now);
        }
        let clock = self.clocks.entry(source.to_owned()).or_default();
        let begins = now.max(*clock);
        *clock = begins.saturating_add(price);
        begins
    }

    /// Advances the global clock by the finished work, divided by the number of active sources.
    fn finish(&mut self) {
        let Some((source, price)) = self.in_work.take() else { return };
        let mut sources: HashSet<&str> = self.waiting.iter().map(|waiting| waiting.source.as_str()).collect();
        sources.insert(&source);
        let shares = u64::try_from(sources.len()).unwrap_or(u64::MAX).max(1);
        self.clock = self.clock.saturating_add(price / shares);
    }

    /// Removes cancelled waiters and refunds their price to their source's clock.
    fn forget_those_who_left(&mut self) {
        let clocks = &mut self.clocks;
        self.waiting.retain(|waiting| {
            let is_here = !waiting.turn.is_closed();
            if !is_here && let Some(clock) = clocks.get_mut(&waiting.source) {
                *clock = clock.saturating_sub(waiting.price);
            }
            is_here
        });
    }
}

impl Drop for ImageSlot {
    fn drop(&mut self) {
        self.0.next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    /// The order in which these images get their slots; the first one starts at once.
    fn order(images: &[(&str, u64)]) -> Vec<usize> {
        let room = ImageQueue::new(u64::MAX);
        let mut waiting: Vec<_> = images.iter().map(|(source, price)| Box::pin(room.acquire(source, *price))).collect();
        let mut turns: Vec<Option<ImageSlot>> = Vec::new();
        for future in &mut waiting {
            turns.push(match poll(future.as_mut()) {
                Poll::Ready(turn) => Some(turn.unwrap()),
                Poll::Pending => None,
            });
        }
        let mut order = Vec::new();
        while let Some(place) = turns.iter().position(Option::is_some) {
            order.push(place);
            turns[place] = None;
            for (place, future) in waiting.iter_mut().enumerate() {
                if !order.contains(&place)
                    && let Poll::Ready(turn) = poll(future.as_mut())
                {
                    turns[place] = Some(turn.unwrap());
                }
            }
        }
        order
    }

    #[test]
    fn eight_large_images_of_one_source_hold_nobody_else_up() {
        let mut images = vec![("attacker", 98); 8];
        images.extend([("citizen", 12), ("neighbour", 12), ("citizen", 12)]);
        assert_eq!(order(&images), [0, 8, 9, 10, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn a_source_that_sends_small_ones_is_not_put_behind_one_that_sends_large_ones() {
        assert_eq!(order(&[("a", 40), ("a", 40), ("b", 5), ("b", 5), ("b", 5), ("c", 30)]), [0, 2, 5, 3, 4, 1]);
        assert_eq!(order(&[("a", 10), ("a", 10), ("a", 10)]), [0, 1, 2]);
    }

    type SlotFuture<'a> = Pin<Box<dyn Future<Output = Result<ImageSlot, ImageQueueFull>> + 'a>>;

    /// Queues an image behind the one in work.
    fn waiting<'a>(room: &'a ImageQueue, source: &'a str, price: u64) -> SlotFuture<'a> {
        let mut turn: SlotFuture<'a> = Box::pin(room.acquire(source, price));
        assert!(turn.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        turn
    }

    fn comes(turn: &mut SlotFuture<'_>) -> Option<ImageSlot> {
        match turn.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => Some(turn.unwrap()),
            Poll::Pending => None,
        }
    }

    #[test]
    fn no_new_name_passes_one_that_waits_however_cheap() {
        let room = ImageQueue::new(u64::MAX);
        let Poll::Ready(Ok(first)) = poll(Box::pin(room.acquire("attacker", 2)).as_mut()) else { panic!("free") };
        let mut citizen = waiting(&room, "citizen", 120);
        let names: Vec<String> = (0..30).map(|number| format!("attacker {number}")).collect();
        let mut others: Vec<_> = names.iter().map(|name| waiting(&room, name, 1)).collect();
        drop(first);
        assert!(comes(&mut citizen).is_some(), "the first that came is the first that is served");
        assert!(others.iter_mut().any(|other| comes(other).is_some()), "and then the others");
    }

    #[test]
    fn the_second_image_of_a_source_comes_in_spite_of_ever_new_names() {
        let room = ImageQueue::new(u64::MAX);
        let Poll::Ready(Ok(first)) = poll(Box::pin(room.acquire("citizen", 100)).as_mut()) else { panic!("free") };
        let mut citizen = waiting(&room, "citizen", 100);
        let names: Vec<String> = (0..1000).map(|number| format!("attacker {number}")).collect();
        let mut turn = Some(first);
        let mut passed = 0;
        // There are always two more waiting images, each from a source not seen before.
        let mut others: Vec<_> = names.iter().take(2).map(|name| waiting(&room, name, 10)).collect();
        for name in names.iter().skip(2) {
            turn = None;
            if comes(&mut citizen).is_some() {
                break;
            }
            passed += 1;
            let place = others.iter_mut().enumerate().find_map(|(place, other)| Some((place, comes(other)?)));
            let (place, next) = place.unwrap();
            drop(others.remove(place));
            others.push(waiting(&room, name, 10));
            turn = Some(next);
        }
        drop(turn);
        // It waits until 100 units of its source are done, sharing the work with two or three other sources.
        assert!((20..=40).contains(&passed), "{passed} were served before");
    }

    #[test]
    fn whoever_leaves_gets_back_what_was_not_worked_off() {
        let room = ImageQueue::new(u64::MAX);
        let Poll::Ready(Ok(first)) = poll(Box::pin(room.acquire("a", 1)).as_mut()) else { panic!("free") };
        drop(waiting(&room, "b", 1000));
        let mut neighbour = waiting(&room, "c", 5);
        let mut again = waiting(&room, "b", 5);
        drop(first);
        let turn = comes(&mut neighbour);
        let mut later = waiting(&room, "c", 5);
        assert!(turn.is_some() && comes(&mut again).is_none());
        drop(turn);
        assert!(comes(&mut again).is_some(), "not behind all others for what it gave up");
        assert!(comes(&mut later).is_some());
    }

    #[test]
    fn whoever_leaves_takes_no_turn_and_gives_back_the_one_that_was_on_its_way() {
        let room = ImageQueue::new(u64::MAX);
        let mut first = Some(Box::pin(room.acquire("a", 1)));
        let Poll::Ready(Ok(turn)) = poll(first.as_mut().unwrap().as_mut()) else { panic!("free") };
        let (mut second, mut third, mut fourth) =
            (Some(Box::pin(room.acquire("b", 1))), Some(Box::pin(room.acquire("c", 1))), pin!(room.acquire("d", 1)));
        assert!(poll(second.as_mut().unwrap().as_mut()).is_pending());
        assert!(poll(third.as_mut().unwrap().as_mut()).is_pending());
        assert!(poll(fourth.as_mut()).is_pending());
        second = None;
        drop(turn);
        // The third one gets its slot but never polls it.
        third = None;
        assert!(matches!(poll(fourth.as_mut()), Poll::Ready(Ok(_))));
        assert!(second.is_none() && third.is_none());
    }

    #[test]
    fn a_source_may_not_let_everything_wait() {
        let room = ImageQueue::new(100);
        let Poll::Ready(Ok(_turn)) = poll(Box::pin(room.acquire("a", 500)).as_mut()) else { panic!("free") };
        let mut waiting = pin!(room.acquire("a", 60));
        assert!(poll(waiting.as_mut()).is_pending());
        assert!(matches!(poll(Box::pin(room.acquire("a", 60)).as_mut()), Poll::Ready(Err(ImageQueueFull))));
        assert!(poll(Box::pin(room.acquire("b", 60)).as_mut()).is_pending());
    }
}
