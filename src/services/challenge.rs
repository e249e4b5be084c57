//! Proof of work for guests, to be switched on under a flood: a moment of a telephone for each petition, an evening of a machine for thousands.
//!
//! Leaves a puzzle, enters its answer. Rules kept here: a puzzle is a sealed moment, so that none is stored; it is good for ten minutes and once
//! in each instance; accounts, partners and conversations need none.

use crate::app::App;
use crate::domain::Instant;
use crate::domain::refusal::Refusal;
use crate::services::error::ServiceError;
use chrono::Duration;
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use utoipa::ToSchema;

/// What the seal is for.
const PURPOSE: &str = "guest challenge";
/// Minutes for which a puzzle is good.
const GOOD_MINUTES: i64 = 10;
/// The longest answer that is looked at.
const LONGEST: usize = 200;

/// A puzzle: find a text behind the colon such that SHA-256 of `<challenge>:<text>` begins with so many zero bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Challenge {
    /// Comes first in the header `X-Proof-Of-Work: <challenge>:<text>`.
    pub challenge: String,
    /// Zero bits; 0 when nothing has to be shown.
    pub bits: u32,
    /// Until when it is good.
    pub expires_at: Instant,
}

/// The puzzles of this process whose answers were shown.
#[derive(Debug, Clone, Default)]
pub struct Shown(Arc<Mutex<HashMap<String, Instant>>>);

/// A fresh puzzle.
#[must_use]
pub fn pose(app: &App) -> Challenge {
    let expires_at = app.now().plus(Duration::minutes(GOOD_MINUTES));
    let words = format!("{}.{}", expires_at.utc().timestamp(), HEXLOWER.encode(&rand::random::<[u8; 8]>()));
    let challenge = format!("{words}.{}", app.seal.of(PURPOSE, &words));
    Challenge { challenge, bits: app.config.guest_challenge_bits, expires_at }
}

/// Takes what a guest shows.
///
/// # Errors
/// [`Refusal::ProofOfWorkNeeded`] when it is asked for and missing, wrong, too old or was shown before.
pub fn take(app: &App, shown: Option<&str>) -> Result<(), ServiceError> {
    let bits = app.config.guest_challenge_bits;
    if bits == 0 {
        return Ok(());
    }
    let good = shown.filter(|proof| proof.len() <= LONGEST).is_some_and(|proof| is_good(app, proof, bits));
    if good { Ok(()) } else { Err(Refusal::ProofOfWorkNeeded.into()) }
}

fn is_good(app: &App, proof: &str, bits: u32) -> bool {
    let Some((challenge, _)) = proof.split_once(':') else { return false };
    let Some((words, seal)) = challenge.rsplit_once('.') else { return false };
    let until = words.split_once('.').and_then(|(seconds, _)| seconds.parse::<i64>().ok());
    let now = app.now();
    let in_time = until.is_some_and(|until| until > now.utc().timestamp());
    in_time
        && zero_bits(&Sha256::digest(proof.as_bytes())) >= bits
        && app.seal.fits(PURPOSE, words, seal)
        && app.shown.is_first(challenge, now)
}

fn zero_bits(hash: &[u8]) -> u32 {
    let whole = hash.iter().take_while(|byte| **byte == 0).count();
    let rest = hash.get(whole).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(whole).unwrap_or(u32::MAX).saturating_mul(8).saturating_add(rest)
}

impl Shown {
    fn is_first(&self, challenge: &str, now: Instant) -> bool {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.retain(|_, until| *until > now);
        shown.insert(challenge.to_owned(), now.plus(Duration::minutes(GOOD_MINUTES))).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_bits_are_counted_over_bytes() {
        assert_eq!((zero_bits(&[0x80]), zero_bits(&[0x01]), zero_bits(&[0, 0x10]), zero_bits(&[0, 0])), (0, 7, 11, 16));
    }
}
