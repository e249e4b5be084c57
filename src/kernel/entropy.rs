//! The source of random bits: the operating system in production, a fixed seed for the reproducible demo year.

use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng, TryRng};
use std::sync::{Mutex, PoisonError};

/// A source of random bits.
pub trait Entropy: Send + Sync {
    /// Returns 64 fresh random bits.
    fn bits(&self) -> u64;
}

/// The random source of the operating system; falls back to a thread-local generator seeded from it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn bits(&self) -> u64 {
        SysRng.try_next_u64().unwrap_or_else(|_| rand::rng().next_u64())
    }
}

/// Reproducible bits from a seed. Never used in production.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<StdRng>);

impl SeededEntropy {
    /// Creates a generator from a seed.
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
