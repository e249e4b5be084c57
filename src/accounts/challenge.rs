//! Proof of work for guests: a moment of a telephone for each petition, an evening of a machine for thousands.
//!
//! Leaves a puzzle, enters its answer. Rules kept here: it is asked for always where the settings say so, and otherwise of whoever files
//! unusually much, or of everybody while all together do ([`flood_guard`]); a puzzle is a sealed moment with its bits, so that none
//! is stored before it is used; it is good for ten minutes and for one petition or file that is stored, in whose transaction it is spent;
//! an account that anybody makes in a moment is a guest of its source until it has proven a contact; other accounts, partners and
//! conversations need none.

use crate::accounts;
use crate::accounts::store::{profiles, spent_challenges};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::idempotency::{self, RequestKey};
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::account::{AccountKind, Actor};
use crate::kernel::client_address::ClientAddress;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use crate::web::flood_guard::{self, ChallengeReason, GuestAction};
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
    pub reason: ChallengeReason,
    /// Until when it is good.
    pub expires_at: Instant,
}

/// A fresh puzzle for whoever comes from there.
pub async fn issue(app: &App, source: &ClientAddress) -> Challenge {
    let expires_at = app.now().plus(Duration::minutes(GOOD_MINUTES));
    let (mut bits, mut reason) = (0, ChallengeReason::Nothing);
    for kind in GuestAction::ALL {
        let (more, why) = asked(app, source, kind).await;
        if more > bits {
            (bits, reason) = (more, why);
        }
    }
    let words = format!("{}.{bits}.{}", expires_at.utc().timestamp(), HEXLOWER.encode(&rand::random::<[u8; 8]>()));
    let challenge = format!("{words}.{}", app.seal.of(PURPOSE, &words));
    Challenge { challenge, bits, reason, expires_at }
}

/// What somebody shows who is perhaps asked for work.
#[derive(Clone)]
pub struct ProofOfWork {
    /// From where they come.
    pub source: ClientAddress,
    /// For what they show it.
    pub kind: GuestAction,
    /// The header, where they sent one.
    pub shown: Option<String>,
}

/// That somebody may file or upload: nothing was asked for, and then it is counted already, or a puzzle is solved that is still to be spent.
#[derive(Clone)]
pub struct VerifiedWork {
    work: ProofOfWork,
    bits: u32,
    puzzle: Option<SolvedChallenge>,
}

/// Whether work is asked of somebody where it is asked of guests.
pub async fn is_required_for(app: &App, actor: Option<&Actor>) -> Result<bool, ServiceError> {
    let Some(actor) = actor else { return Ok(true) };
    if actor.kind == AccountKind::Officer {
        return Ok(false);
    }
    let id = actor.account_id;
    let is_known = app.db.read(move |connection| {
        let account = profiles::find(connection, id)?;
        accounts::is_verified(connection, &account)
    });
    Ok(!is_known.await?)
}

/// Looks at what somebody shows; nothing is spent yet. Where nothing has to be shown, it is counted.
///
/// # Errors
/// [`ErrorCode::ProofOfWorkNeeded`] when it is asked for and missing, wrong, too old, too small or was shown before; its field tells the
/// zero bits. Those of the database.
pub async fn verify(app: &App, work: &ProofOfWork) -> Result<VerifiedWork, ServiceError> {
    let admitted = looked_at(app, work).await?;
    if let Some(puzzle) = admitted.puzzle.clone() {
        // Ahead of the transaction, so that nobody makes it run again and again with one answer.
        let is_spent =
            app.db.read(move |connection| Ok::<_, ServiceError>(spent_challenges::is_spent(connection, &puzzle.hash)?));
        if is_spent.await? {
            return Err(needed(admitted.bits));
        }
    }
    Ok(admitted)
}

/// The same for a file, whose puzzle is spent ahead of its bytes: they cost more than a petition does. With the key of a file that is
/// stored, a puzzle that was spent is good for asking once more what was answered.
///
/// # Errors
/// Those of [`verify`].
pub async fn verify_and_spend(app: &App, work: &ProofOfWork, key: Option<RequestKey>) -> Result<VerifiedWork, ServiceError> {
    let mut admitted = looked_at(app, work).await?;
    let Some(puzzle) = admitted.puzzle.clone() else { return Ok(admitted) };
    let spent = app
        .db
        .write(move |connection| Ok::<_, ServiceError>(spent_challenges::spend(connection, &puzzle.hash, puzzle.expires_at)?));
    if !spent.await? {
        if !idempotency::is_used(app, key).await? {
            return Err(needed(admitted.bits));
        }
        // Spent by the one who came first, and not to be given back by this one.
        admitted.puzzle = None;
    }
    flood_guard::count(app, &work.source, work.kind).await;
    Ok(admitted)
}

impl VerifiedWork {
    /// Spends the puzzle in the transaction of what it is for; of several who show it at once one may go on.
    ///
    /// # Errors
    /// [`ErrorCode::ProofOfWorkNeeded`] when it was spent meanwhile, by whichever instance. Those of the database.
    pub fn spend(&self, connection: &mut DbConnection) -> Result<(), ServiceError> {
        match &self.puzzle {
            Some(puzzle) if !spent_challenges::spend(connection, &puzzle.hash, puzzle.expires_at)? => Err(needed(self.bits)),
            _ => Ok(()),
        }
    }

    /// Counts what was stored for a puzzle.
    pub async fn count(&self, app: &App) {
        if self.puzzle.is_some() {
            flood_guard::count(app, &self.work.source, self.work.kind).await;
        }
    }

    /// Gives a puzzle back that was spent ahead of something of which nothing came.
    pub async fn give_back(self, app: &App) -> Result<(), ServiceError> {
        let Some(puzzle) = self.puzzle else { return Ok(()) };
        app.db.write(move |connection| Ok::<_, ServiceError>(spent_challenges::give_back(connection, &puzzle.hash)?)).await
    }
}

async fn looked_at(app: &App, work: &ProofOfWork) -> Result<VerifiedWork, ServiceError> {
    let always = app.config.guest_challenge_bits;
    let (source, kind) = (&work.source, work.kind);
    let unusual =
        if always > 0 { flood_guard::asks(app, source, kind).await.0 } else { flood_guard::admit(app, source, kind).await };
    let bits = always.max(unusual);
    let shown = work.shown.as_deref().filter(|proof| bits > 0 && proof.len() <= LONGEST);
    let puzzle = shown.and_then(|proof| solved(app, proof, bits));
    if bits > 0 && puzzle.is_none() {
        return Err(needed(bits));
    }
    Ok(VerifiedWork { work: work.clone(), bits, puzzle })
}

fn needed(bits: u32) -> ServiceError {
    ServiceError::RejectedField(ErrorCode::ProofOfWorkNeeded, FieldProblem::new(FIELD, FieldRule::ZeroBits(bits)))
}

/// The zero bits that are asked for now, and why.
async fn asked(app: &App, source: &ClientAddress, kind: GuestAction) -> (u32, ChallengeReason) {
    let always = app.config.guest_challenge_bits;
    let (bits, demand) = flood_guard::asks(app, source, kind).await;
    match (always, bits) {
        (0, 0) => (0, ChallengeReason::Nothing),
        _ if always >= bits => (always, ChallengeReason::Always),
        _ => (bits, demand),
    }
}

/// A puzzle of ours that is good still, and when it ends.
#[derive(Clone)]
struct SolvedChallenge {
    hash: String,
    expires_at: Instant,
}

/// The puzzle that somebody has solved, if it is hard enough.
fn solved(app: &App, proof: &str, bits: u32) -> Option<SolvedChallenge> {
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
    Some(SolvedChallenge { hash: HEXLOWER.encode(&Sha256::digest(challenge.as_bytes())), expires_at })
}

/// Forgets puzzles that are good no more.
pub async fn purge(app: &App) -> Result<usize, ServiceError> {
    let now = app.now();
    app.db.write(move |connection| Ok(spent_challenges::purge(connection, now)?)).await
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
