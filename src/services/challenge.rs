//! Proof of work for guests: a moment of a telephone for each petition, an evening of a machine for thousands.
//!
//! Leaves a puzzle, enters its answer. Rules kept here: it is asked for always where the settings say so, and otherwise of whoever files
//! unusually much, or of everybody while all together do ([`flood`](super::flood)); a puzzle is a sealed moment with its bits, so that none
//! is stored; it is good for ten minutes and once in each instance; accounts, partners and conversations need none.

use crate::app::App;
use crate::domain::Instant;
use crate::domain::field_problem::{FieldProblem, FieldRule};
use crate::domain::refusal::Refusal;
use crate::domain::source::Source;
use crate::services::error::ServiceError;
use crate::services::flood::{Demand, Kind};
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
/// So many bits fewer than are asked for now are enough, where they were posed: what is asked may rise while somebody works.
const MEANWHILE: u32 = 1;
/// The field of a refusal.
const FIELD: &str = "X-Proof-Of-Work";

/// A puzzle: find a text behind the colon such that SHA-256 of `<challenge>:<text>` begins with so many zero bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Challenge {
    /// Comes first in the header `X-Proof-Of-Work: <challenge>:<text>`.
    pub challenge: String,
    /// Zero bits; 0 when nothing has to be shown.
    pub bits: u32,
    /// Why: `nothing`, `always` (the province asks it of every guest), `source` (much was filed from where you are), `everybody` (much is
    /// filed by all guests together). More is asked for while it goes on, and nothing once it has been over for some minutes.
    #[schema(value_type = String, example = "nothing")]
    pub reason: Demand,
    /// Until when it is good.
    pub expires_at: Instant,
}

/// The puzzles of this process whose answers were shown.
#[derive(Debug, Clone, Default)]
pub struct Shown(Arc<Mutex<HashMap<String, Instant>>>);

/// A fresh puzzle for whoever comes from there.
#[must_use]
pub fn pose(app: &App, source: &Source) -> Challenge {
    let expires_at = app.now().plus(Duration::minutes(GOOD_MINUTES));
    let (bits, reason) =
        Kind::ALL.into_iter().map(|kind| asked(app, source, kind)).max_by_key(|(bits, _)| *bits).unwrap_or_default();
    let words = format!("{}.{bits}.{}", expires_at.utc().timestamp(), HEXLOWER.encode(&rand::random::<[u8; 8]>()));
    let challenge = format!("{words}.{}", app.seal.of(PURPOSE, &words));
    Challenge { challenge, bits, reason, expires_at }
}

/// Takes what a guest shows who files or uploads, and counts it.
///
/// # Errors
/// [`Refusal::ProofOfWorkNeeded`] when it is asked for and missing, wrong, too old, too small or was shown before; its field tells the
/// zero bits.
pub fn take(app: &App, source: &Source, kind: Kind, shown: Option<&str>) -> Result<(), ServiceError> {
    let (bits, _) = asked(app, source, kind);
    let good = bits == 0 || shown.filter(|proof| proof.len() <= LONGEST).is_some_and(|proof| is_good(app, proof, bits));
    if !good {
        return Err(ServiceError::RefusedFor(Refusal::ProofOfWorkNeeded, FieldProblem::new(FIELD, FieldRule::ZeroBits(bits))));
    }
    app.flood.count(app.now(), source, kind, &app.config);
    Ok(())
}

/// The zero bits that are asked for now, and why.
fn asked(app: &App, source: &Source, kind: Kind) -> (u32, Demand) {
    let always = app.config.guest_challenge_bits;
    let (bits, demand) = app.flood.asks(app.now(), source, kind, &app.config);
    match (always, bits) {
        (0, 0) => (0, Demand::Nothing),
        _ if always >= bits => (always, Demand::Always),
        _ => (bits, demand),
    }
}

fn is_good(app: &App, proof: &str, bits: u32) -> bool {
    let Some((challenge, _)) = proof.split_once(':') else { return false };
    let Some((words, seal)) = challenge.rsplit_once('.') else { return false };
    let mut parts = words.split('.');
    let until = parts.next().and_then(|seconds| seconds.parse::<i64>().ok());
    let posed = parts.next().and_then(|bits| bits.parse::<u32>().ok());
    let now = app.now();
    let in_time = until.is_some_and(|until| until > now.utc().timestamp());
    let hard_enough = posed.is_some_and(|posed| {
        // Puzzles that were gathered while nothing was asked are worth nothing now.
        posed > 0 && posed + MEANWHILE >= bits && zero_bits(&Sha256::digest(proof.as_bytes())) >= posed
    });
    in_time && hard_enough && app.seal.fits(PURPOSE, words, seal) && app.shown.is_first(challenge, now)
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
