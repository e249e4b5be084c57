//! Proof of work for guests: cheap for one petition from a phone, expensive for thousands. Issues a challenge and
//! checks the answer.
//!
//! Rules: required always if configured so; otherwise only from sources that file unusually much, or from everybody
//! while all guests together do ([`flood_guard`]). A challenge is a signed timestamp with its difficulty in bits,
//! so nothing is stored until it is used. It is valid for ten minutes and for one stored petition or file, and is
//! marked as spent in the same transaction. A self-registered account counts as a guest of its source until it has
//! confirmed a contact; other accounts, partners and conversations need no proof of work.

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

/// Domain separator of the signature.
const PURPOSE: &str = "guest challenge";
/// Validity of a challenge in minutes.
const GOOD_MINUTES: i64 = 10;
/// Maximum length of an answer; longer ones are not parsed.
const LONGEST: usize = 200;
/// Accepted shortfall in bits against the current difficulty, since it may rise while a client is solving a
/// challenge.
const MEANWHILE: u32 = 1;
/// The field name in error responses.
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

/// Issues a new challenge for a source, with the difficulty required now.
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

/// The proof of work sent with a request that may require one.
#[derive(Clone)]
pub struct ProofOfWork {
    pub source: ClientAddress,
    pub kind: GuestAction,
    /// The value of the header, if sent.
    pub shown: Option<String>,
}

/// Result of a passed check: either no proof was required, and the request is already counted, or a solved
/// challenge still has to be spent.
#[derive(Clone)]
pub struct VerifiedWork {
    work: ProofOfWork,
    bits: u32,
    puzzle: Option<SolvedChallenge>,
}

/// Returns whether proof of work applies to this caller when it applies to guests.
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

/// Checks the proof of work without spending the challenge. If none is required, counts the request instead.
///
/// # Errors
/// [`ErrorCode::ProofOfWorkNeeded`] when a proof is required and is missing, wrong, expired, too easy or already
/// used; the field of the error contains the required zero bits. Database errors.
pub async fn verify(app: &App, work: &ProofOfWork) -> Result<VerifiedWork, ServiceError> {
    let admitted = looked_at(app, work).await?;
    if let Some(puzzle) = admitted.puzzle.clone() {
        // Checked before the transaction, so that a replayed answer cannot make the transaction run again and
        // again.
        let is_spent =
            app.db.read(move |connection| Ok::<_, ServiceError>(spent_challenges::is_spent(connection, &puzzle.hash)?));
        if is_spent.await? {
            return Err(needed(admitted.bits));
        }
    }
    Ok(admitted)
}

/// Like [`verify`], but for a file: the challenge is spent before the body is read, because the body costs more
/// than a petition does. If a file was already stored under this idempotency key, a spent challenge is accepted so
/// that the response can be repeated.
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
        // Spent by the first request; this one must not give it back.
        admitted.puzzle = None;
    }
    flood_guard::count(app, &work.source, work.kind).await;
    Ok(admitted)
}

impl VerifiedWork {
    /// Marks the challenge as spent, in the transaction that stores the petition or file; of concurrent requests
    /// with the same challenge only one succeeds.
    ///
    /// # Errors
    /// [`ErrorCode::ProofOfWorkNeeded`] when any instance has spent it meanwhile. Database errors.
    pub fn spend(&self, connection: &mut DbConnection) -> Result<(), ServiceError> {
        match &self.puzzle {
            Some(puzzle) if !spent_challenges::spend(connection, &puzzle.hash, puzzle.expires_at)? => Err(needed(self.bits)),
            _ => Ok(()),
        }
    }

    /// Counts a petition or file that was stored with a solved challenge.
    pub async fn count(&self, app: &App) {
        if self.puzzle.is_some() {
            flood_guard::count(app, &self.work.source, self.work.kind).await;
        }
    }

    /// Releases a challenge that was spent for a file that was not stored.
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

/// Returns the currently required zero bits, and the reason.
async fn asked(app: &App, source: &ClientAddress, kind: GuestAction) -> (u32, ChallengeReason) {
    let always = app.config.guest_challenge_bits;
    let (bits, demand) = flood_guard::asks(app, source, kind).await;
    match (always, bits) {
        (0, 0) => (0, ChallengeReason::Nothing),
        _ if always >= bits => (always, ChallengeReason::Always),
        _ => (bits, demand),
    }
}

/// A solved challenge that was issued by us and has not expired, with its expiry.
#[derive(Clone)]
struct SolvedChallenge {
    hash: String,
    expires_at: Instant,
}

/// Returns the solved challenge if its difficulty is sufficient.
fn solved(app: &App, proof: &str, bits: u32) -> Option<SolvedChallenge> {
    let (challenge, _) = proof.split_once(':')?;
    let (words, seal) = challenge.rsplit_once('.')?;
    let mut parts = words.split('.');
    let until = parts.next()?.parse::<i64>().ok()?;
    let posed = parts.next()?.parse::<u32>().ok()?;
    let is_in_time = until > app.now().utc().timestamp();
    // Challenges collected while none were required (0 bits) are worthless now.
    let is_hard_enough = posed > 0 && posed + MEANWHILE >= bits && zero_bits(&Sha256::digest(proof.as_bytes())) >= posed;
    if !is_in_time || !is_hard_enough || !app.seal.fits(PURPOSE, words, seal) {
        return None;
    }
    let expires_at = Instant::from_utc(chrono::DateTime::from_timestamp(until, 0)?);
    Some(SolvedChallenge { hash: HEXLOWER.encode(&Sha256::digest(challenge.as_bytes())), expires_at })
}

/// Deletes expired challenges.
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
