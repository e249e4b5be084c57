//! The source of the current time: the system clock in production, a manually set clock in tests and the demo
//! year.
//!
//! No other code reads the current time, and it is never read from the database.

use crate::kernel::Instant;
use chrono::{Duration, Utc};
use std::sync::{Mutex, PoisonError};

/// A source of the current time.
pub trait Clock: Send + Sync {
    /// Returns the current time.
    fn now(&self) -> Instant;
}

/// The system clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::from_utc(Utc::now())
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FixedClock(Mutex<Instant>);

impl FixedClock {
    /// Creates a clock that shows the given time.
    #[must_use]
    pub const fn new(moment: Instant) -> Self {
        Self(Mutex::new(moment))
    }

    /// Sets the time, forwards or backwards.
    pub fn set(&self, moment: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = moment;
    }

    /// Moves the time by the duration.
    pub fn advance(&self, duration: Duration) {
        let mut moment = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *moment = moment.plus(duration);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
