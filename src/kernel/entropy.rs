//! Where chance comes from: the system in service, a seed in the demo year so that it is the same every time.

use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng, TryRng};
use std::sync::{Mutex, PoisonError};

/// A source of random bits.
pub trait Entropy: Send + Sync {
    /// Sixty-four fresh bits.
    fn bits(&self) -> u64;
}

/// The random source of the operating system, through a generator that it seeded.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn bits(&self) -> u64 {
        SysRng.try_next_u64().unwrap_or_else(|_| rand::rng().next_u64())
    }
}

/// The same bits every time; never in service.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<StdRng>);

impl SeededEntropy {
    /// Starts from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn bits(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).next_u64()
    }
}
