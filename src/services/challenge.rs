//! Proof of work for guests: a moment of a telephone for each petition, an evening of a machine for thousands.
//!
//! Leaves a puzzle, enters its answer. Rules kept here: it is asked for always where the settings say so, and otherwise of whoever files
//! unusually much, or of everybody while all together do ([`flood`]); a puzzle is a sealed moment with its bits, so that none
//! is stored before it is used; it is good for ten minutes and once; accounts, partners and conversations need none.

use crate::app::App;
use crate::domain::Instant;
use crate::domain::field_problem::{FieldProblem, FieldRule};
use crate::domain::refusal::Refusal;
use crate::domain::source::Source;
use crate::services::error::ServiceError;
use crate::services::flood::{self, Demand, Kind};
use crate::storage::spent_proofs;
use chrono::Duration;
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};
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

/// A fresh puzzle for whoever comes from there.
pub async fn pose(app: &App, source: &Source) -> Challenge {
    let expires_at = app.now().plus(Duration::minutes(GOOD_MINUTES));
    let (mut bits, mut reason) = (0, Demand::Nothing);
    for kind in Kind::ALL {
        let (more, why) = asked(app, source, kind).await;
        if more > bits {
            (bits, reason) = (more, why);
        }
    }
    let words = format!("{}.{bits}.{}", expires_at.utc().timestamp(), HEXLOWER.encode(&rand::random::<[u8; 8]>()));
    let challenge = format!("{words}.{}", app.seal.of(PURPOSE, &words));
    Challenge { challenge, bits, reason, expires_at }
}

/// Takes what a guest shows who files or uploads, and counts it.
///
/// # Errors
/// [`Refusal::ProofOfWorkNeeded`] when it is asked for and missing, wrong, too old, too small or was shown before; its field tells the
/// zero bits. Those of the database.
pub async fn take(app: &App, source: &Source, kind: Kind, shown: Option<&str>) -> Result<(), ServiceError> {
    let always = app.config.guest_challenge_bits;
    let unusual = if always > 0 { flood::asks(app, source, kind).await.0 } else { flood::admit(app, source, kind).await };
    let bits = always.max(unusual);
    if bits == 0 {
        return Ok(());
    }
    let puzzle = shown.filter(|proof| proof.len() <= LONGEST).and_then(|proof| solved(app, proof, bits));
    let is_good = match puzzle {
        Some(puzzle) => spend(app, puzzle).await?,
        None => false,
    };
    if !is_good {
        return Err(ServiceError::RefusedFor(Refusal::ProofOfWorkNeeded, FieldProblem::new(FIELD, FieldRule::ZeroBits(bits))));
    }
    flood::count(app, source, kind).await;
    Ok(())
}

/// The zero bits that are asked for now, and why.
async fn asked(app: &App, source: &Source, kind: Kind) -> (u32, Demand) {
    let always = app.config.guest_challenge_bits;
    let (bits, demand) = flood::asks(app, source, kind).await;
    match (always, bits) {
        (0, 0) => (0, Demand::Nothing),
        _ if always >= bits => (always, Demand::Always),
        _ => (bits, demand),
    }
}

/// A puzzle of ours that is good still, and when it ends.
struct Puzzle {
    hash: String,
    expires_at: Instant,
}

/// The puzzle that somebody has solved, if it is hard enough.
fn solved(app: &App, proof: &str, bits: u32) -> Option<Puzzle> {
    let (challenge, _) = proof.split_once(':')?;
    let (words, seal) = challenge.rsplit_once('.')?;
    let mut parts = words.split('.');
    let until = parts.next()?.parse::<i64>().ok()?;
    let posed = parts.next()?.parse::<u32>().ok()?;
    let is_in_time = until > app.now().utc().timestamp();
    // Puzzles that were gathered while nothing was asked are worth nothing now.
    let is_hard_enough = posed > 0 && posed + MEANWHILE >= bits && zero_bits(&Sha256::digest(proof.as_bytes())) >= posed;
    if !is_in_time || !is_hard_enough || !app.seal.fits(PURPOSE, words, seal) {
        return None;
    }
    let expires_at = Instant::from_utc(chrono::DateTime::from_timestamp(until, 0)?);
    Some(Puzzle { hash: HEXLOWER.encode(&Sha256::digest(challenge.as_bytes())), expires_at })
}

/// Uses a puzzle up; false when it was used before, by whichever instance.
async fn spend(app: &App, puzzle: Puzzle) -> Result<bool, ServiceError> {
    app.db.write(move |connection| Ok(spent_proofs::spend(connection, &puzzle.hash, puzzle.expires_at)?)).await
}

/// Forgets puzzles that are good no more.
///
/// # Errors
/// Only those of the database.
pub async fn purge(app: &App) -> Result<usize, ServiceError> {
    let now = app.now();
    app.db.write(move |connection| Ok(spent_proofs::purge(connection, now)?)).await
}

fn zero_bits(hash: &[u8]) -> u32 {
    let whole = hash.iter().take_while(|byte| **byte == 0).count();
    let rest = hash.get(whole).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(whole).unwrap_or(u32::MAX).saturating_mul(8).saturating_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_bits_are_counted_over_bytes() {
        assert_eq!((zero_bits(&[0x80]), zero_bits(&[0x01]), zero_bits(&[0, 0x10]), zero_bits(&[0, 0])), (0, 7, 11, 16));
    }
}
