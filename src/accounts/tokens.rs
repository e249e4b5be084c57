//! Access tokens: signed JWTs that identify a session, valid for 15 minutes. Issues a token for an account and
//! session; checks a token and returns its claims.
//!
//! Called by `accounts`, which also checks the database: a token alone grants nothing, so disabling an account
//! takes effect at once. Rule: one algorithm, keys are found by id only, and the time comes from the clock of the
//! application.

use crate::kernel::Instant;
use crate::kernel::account::Role;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{AccountId, SessionId};
use data_encoding::HEXLOWER;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Validity of an access token in seconds; refreshing it needs no password.
pub const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;

/// Maximum clock difference between two instances, in seconds; no instance can have issued a token from further
/// ahead.
const CLOCK_DIFFERENCE_SECONDS: i64 = 60;

const ALGORITHM: Algorithm = Algorithm::HS256;

/// Maximum token length; longer texts are not parsed.
const LONGEST_TOKEN: usize = 2048;

/// The claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The account id, as text because RFC 7519 requires it.
    pub sub: String,
    /// The session; the token is invalid once it has ended.
    pub sid: SessionId,
    /// Issued at, in seconds since 1970.
    pub iat: i64,
    /// Expires at, in seconds since 1970.
    pub exp: i64,
    /// The roles at issue, for the user interface of clients; access is decided by the current roles.
    pub roles: Vec<Role>,
}

impl AccessClaims {
    /// Returns the account of the token.
    ///
    /// # Errors
    /// [`ErrorCode::TokenInvalid`] when the subject is no account id.
    pub fn account_id(&self) -> Result<AccountId, ErrorCode> {
        self.sub.parse().map(AccountId).map_err(|_| ErrorCode::TokenInvalid)
    }
}

struct TokenKey {
    id: String,
    decoding: DecodingKey,
}

/// The keys that sign and verify access tokens.
pub struct AccessTokens {
    signing_id: String,
    signing: EncodingKey,
    known: Vec<TokenKey>,
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessTokens").field("signing_id", &self.signing_id).finish_non_exhaustive()
    }
}

impl AccessTokens {
    /// Signs with `current` and also accepts tokens of `earlier` keys, so that a key can be rotated without signing
    /// everybody out.
    #[must_use]
    pub fn new(current: &[u8], earlier: &[&[u8]]) -> Self {
        let known = std::iter::once(&current)
            .chain(earlier)
            .map(|secret| TokenKey { id: key_id(secret), decoding: DecodingKey::from_secret(secret) })
            .collect();
        Self { signing_id: key_id(current), signing: EncodingKey::from_secret(current), known }
    }

    /// Issues a token for the session, valid from `now` on; `None` only if the claims cannot be serialized.
    #[must_use]
    pub fn issue(&self, account: AccountId, session: SessionId, roles: &[Role], now: Instant) -> Option<String> {
        let iat = now.utc().timestamp();
        let claims =
            AccessClaims { sub: account.to_string(), sid: session, iat, exp: iat + ACCESS_TOKEN_SECONDS, roles: roles.to_vec() };
        let header = Header { kid: Some(self.signing_id.clone()), ..Header::new(ALGORITHM) };
        encode(&header, &claims, &self.signing).ok()
    }

    /// Derives a secret that can be recomputed from the request and is never stored; `None` only if signing fails.
    #[must_use]
    pub fn derive(&self, purpose: &str, salt: &str, secret: &str) -> Option<String> {
        sign(format!("{purpose}\n{salt}\n{secret}").as_bytes(), &self.signing, ALGORITHM).ok()
    }

    /// Returns the claims of a token that was signed by us, has not expired and is not from the future.
    ///
    /// # Errors
    /// [`ErrorCode::TokenInvalid`], without telling which check failed.
    pub fn check(&self, token: &str, now: Instant) -> Result<AccessClaims, ErrorCode> {
        if token.len() > LONGEST_TOKEN {
            return Err(ErrorCode::TokenInvalid);
        }
        let header = decode_header(token).map_err(|_| ErrorCode::TokenInvalid)?;
        let key = self.known.iter().find(|key| header.kid.as_deref() == Some(&key.id)).ok_or(ErrorCode::TokenInvalid)?;
        let mut validation = Validation::new(ALGORITHM);
        validation.set_required_spec_claims(&["exp", "sub"]);
        // The library would use the system time, which tests and the demo year cannot change.
        validation.validate_exp = false;
        let claims = decode::<AccessClaims>(token, &key.decoding, &validation).map_err(|_| ErrorCode::TokenInvalid)?.claims;
        let now = now.utc().timestamp();
        let is_in_time = claims.iat <= now + CLOCK_DIFFERENCE_SECONDS && now < claims.exp;
        if is_in_time { Ok(claims) } else { Err(ErrorCode::TokenInvalid) }
    }
}

/// Returns an id for a key that reveals nothing about the key.
fn key_id(secret: &[u8]) -> String {
    let digest = Sha256::new().chain_update(b"pakn access token key\n").chain_update(secret).finalize();
    HEXLOWER.encode(digest.get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Duration, Utc};
    use data_encoding::BASE64URL_NOPAD;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn moment() -> Instant {
        Instant::from_utc("2026-03-02T01:00:00Z".parse::<DateTime<Utc>>().unwrap())
    }

    fn token_of(tokens: &AccessTokens) -> String {
        tokens.issue(AccountId(7), SessionId(9), &[Role::Clerk], moment()).unwrap()
    }

    #[test]
    fn a_token_carries_its_claims_and_its_key() {
        let tokens = AccessTokens::new(SECRET, &[]);
        let token = token_of(&tokens);
        let claims = tokens.check(&token, moment()).unwrap();
        assert_eq!(claims.account_id(), Ok(AccountId(7)));
        assert_eq!((claims.sid, claims.roles.as_slice()), (SessionId(9), [Role::Clerk].as_slice()));
        assert_eq!(decode_header(&token).unwrap().kid, Some(key_id(SECRET)));
    }

    #[test]
    fn a_token_ends_after_a_quarter_of_an_hour_to_the_second() {
        let tokens = AccessTokens::new(SECRET, &[]);
        let token = token_of(&tokens);
        assert!(tokens.check(&token, moment().plus(Duration::seconds(899))).is_ok());
        assert_eq!(tokens.check(&token, moment().plus(Duration::seconds(900))), Err(ErrorCode::TokenInvalid));
    }

    #[test]
    fn an_earlier_key_is_still_accepted_and_an_unknown_one_is_not() {
        let token = token_of(&AccessTokens::new(SECRET, &[]));
        let other: &[u8] = b"another secret another secret 32";
        assert!(AccessTokens::new(other, &[SECRET]).check(&token, moment()).is_ok());
        assert_eq!(AccessTokens::new(other, &[]).check(&token, moment()), Err(ErrorCode::TokenInvalid));
    }

    #[test]
    fn another_algorithm_is_refused_even_with_the_right_key() {
        let tokens = AccessTokens::new(SECRET, &[]);
        let claims = tokens.check(&token_of(&tokens), moment()).unwrap();
        let header = Header { kid: Some(key_id(SECRET)), ..Header::new(Algorithm::HS512) };
        let token = encode(&header, &claims, &EncodingKey::from_secret(SECRET)).unwrap();
        assert_eq!(tokens.check(&token, moment()), Err(ErrorCode::TokenInvalid));
    }

    #[test]
    fn unsigned_cut_and_changed_tokens_are_refused() {
        let tokens = AccessTokens::new(SECRET, &[]);
        let token = token_of(&tokens);
        let parts: Vec<&str> = token.split('.').collect();
        let none = BASE64URL_NOPAD.encode(format!(r#"{{"typ":"JWT","alg":"none","kid":"{}"}}"#, key_id(SECRET)).as_bytes());
        let changed = BASE64URL_NOPAD.encode(br#"{"sub":"1","sid":9,"iat":0,"exp":99999999999,"roles":["admin"]}"#);
        for wrong in [
            format!("{none}.{}.", parts[1]),
            format!("{none}.{}.{}", parts[1], parts[2]),
            format!("{}.{changed}.{}", parts[0], parts[2]),
            format!("{}.{}", parts[0], parts[1]),
            token.strip_suffix(parts[2]).unwrap().to_owned(),
            format!("{token}x"),
            String::new(),
            "x".repeat(5000),
        ] {
            assert_eq!(tokens.check(&wrong, moment()), Err(ErrorCode::TokenInvalid), "{wrong}");
        }
    }
}
