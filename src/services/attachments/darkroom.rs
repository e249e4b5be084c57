//! Whose image is made anew next: one at a time, each paid for with its pixels, so that nobody who sends many or large ones keeps the others
//! waiting.
//!
//! Enters a source and the pixels of an image, leaves a turn when it has come. Rule (start-time fair queueing): each source has a clock that
//! goes on by what it sends; the image whose source's clock would stand lowest after it is next.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Sources whose clocks are kept; those that have fallen behind the common one are forgotten then.
const MOST_SOURCES: usize = 1000;

/// The queue of one process.
#[derive(Debug, Clone)]
pub struct Darkroom {
    queue: Arc<Mutex<Queue>>,
    /// Pixels that may wait from one source.
    most: u64,
}

#[derive(Debug, Default)]
struct Queue {
    is_busy: bool,
    /// Where the clock of the image in work stood when it began.
    clock: u64,
    clocks: HashMap<String, u64>,
    waiting: Vec<Waiting>,
    came: u64,
}

#[derive(Debug)]
struct Waiting {
    /// Where the clock of its source will stand after it, and the order in which they came.
    order: (u64, u64),
    begins: u64,
    source: String,
    pixels: u64,
    turn: oneshot::Sender<Turn>,
}

/// The right to decode an image, until it is dropped.
#[derive(Debug)]
pub struct Turn(Darkroom);

/// Too much waits from the same source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuch;

impl Darkroom {
    /// An empty one, in which so many pixels may wait from one source.
    #[must_use]
    pub fn new(most: u64) -> Self {
        Self { queue: Arc::default(), most }
    }

    /// Waits for a turn. Whoever stops waiting leaves the queue.
    ///
    /// # Errors
    /// [`TooMuch`] when more pixels would wait from this source than may.
    pub async fn turn(&self, source: &str, pixels: u64) -> Result<Turn, TooMuch> {
        let turn = {
            let mut queue = self.lock();
            queue.waiting.retain(|waiting| !waiting.turn.is_closed());
            let begins = queue.begin(source, pixels);
            if !queue.is_busy {
                queue.is_busy = true;
                queue.clock = begins;
                return Ok(Turn(self.clone()));
            }
            let waits: u64 = queue.waiting.iter().filter(|waiting| waiting.source == source).map(|waiting| waiting.pixels).sum();
            if waits.saturating_add(pixels) > self.most {
                return Err(TooMuch);
            }
            let (turn, told) = oneshot::channel();
            queue.came += 1;
            let order = (begins.saturating_add(pixels), queue.came);
            queue.waiting.push(Waiting { order, begins, source: source.to_owned(), pixels, turn });
            told
        };
        turn.await.map_err(|_| TooMuch)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) {
        let next = {
            let mut queue = self.lock();
            queue.waiting.retain(|waiting| !waiting.turn.is_closed());
            let place = queue.waiting.iter().enumerate().min_by_key(|(_, waiting)| waiting.order).map(|(place, _)| place);
            let Some(place) = place else {
                queue.is_busy = false;
                return;
            };
            let next = queue.waiting.swap_remove(place);
            queue.clock = queue.clock.max(next.begins);
            next
        };
        // A turn that nobody takes is dropped, and the next one has it.
        let _ = next.turn.send(Turn(self.clone()));
    }
}

impl Queue {
    /// Moves the clock of a source on; where it stood.
    fn begin(&mut self, source: &str, pixels: u64) -> u64 {
        let now = self.clock;
        if self.clocks.len() >= MOST_SOURCES {
            self.clocks.retain(|_, clock| *clock > now);
        }
        let clock = self.clocks.entry(source.to_owned()).or_default();
        let begins = now.max(*clock);
        *clock = begins.saturating_add(pixels);
        begins
    }
}

impl Drop for Turn {
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

    /// The order in which these get their turns, the first of them at once.
    fn order(images: &[(&str, u64)]) -> Vec<usize> {
        let room = Darkroom::new(u64::MAX);
        let mut waiting: Vec<_> = images.iter().map(|(source, pixels)| Box::pin(room.turn(source, *pixels))).collect();
        let mut turns: Vec<Option<Turn>> = Vec::new();
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
        assert_eq!(order(&[("a", 40), ("a", 40), ("b", 5), ("b", 5), ("b", 5), ("c", 30)]), [0, 2, 3, 4, 5, 1]);
        assert_eq!(order(&[("a", 10), ("a", 10), ("a", 10)]), [0, 1, 2]);
    }

    #[test]
    fn whoever_leaves_takes_no_turn_and_gives_back_the_one_that_was_on_its_way() {
        let room = Darkroom::new(u64::MAX);
        let mut first = Some(Box::pin(room.turn("a", 1)));
        let Poll::Ready(Ok(turn)) = poll(first.as_mut().unwrap().as_mut()) else { panic!("free") };
        let (mut second, mut third, mut fourth) =
            (Some(Box::pin(room.turn("b", 1))), Some(Box::pin(room.turn("c", 1))), pin!(room.turn("d", 1)));
        assert!(poll(second.as_mut().unwrap().as_mut()).is_pending());
        assert!(poll(third.as_mut().unwrap().as_mut()).is_pending());
        assert!(poll(fourth.as_mut()).is_pending());
        second = None;
        drop(turn);
        // The third has its turn and never looks.
        third = None;
        assert!(matches!(poll(fourth.as_mut()), Poll::Ready(Ok(_))));
        assert!(second.is_none() && third.is_none());
    }

    #[test]
    fn a_source_may_not_let_everything_wait() {
        let room = Darkroom::new(100);
        let Poll::Ready(Ok(_turn)) = poll(Box::pin(room.turn("a", 500)).as_mut()) else { panic!("free") };
        let mut waiting = pin!(room.turn("a", 60));
        assert!(poll(waiting.as_mut()).is_pending());
        assert!(matches!(poll(Box::pin(room.turn("a", 60)).as_mut()), Poll::Ready(Err(TooMuch))));
        assert!(poll(Box::pin(room.turn("b", 60)).as_mut()).is_pending());
    }
}
