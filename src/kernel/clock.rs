//! Where the time comes from: the system's clock in service, a clock that is set by hand in tests and in the demo year.
//!
//! Nothing else in the program asks for the present time, and never the database.

use crate::kernel::Instant;
use chrono::{Duration, Utc};
use std::sync::{Mutex, PoisonError};

/// A source of the present time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Instant;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::from_utc(Utc::now())
    }
}

/// A clock that stands still until somebody moves it.
#[derive(Debug)]
pub struct FixedClock(Mutex<Instant>);

impl FixedClock {
    /// Stands at the moment.
    #[must_use]
    pub const fn new(moment: Instant) -> Self {
        Self(Mutex::new(moment))
    }

    /// Moves to the moment, forwards or backwards.
    pub fn set(&self, moment: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = moment;
    }

    /// Moves on by the duration.
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
