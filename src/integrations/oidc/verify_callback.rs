//! Verifies a provider's callback. Enters: its code. Leaves: verified issuer, subject and claims.
//!
//! Checks that the callback names the provider that was asked (RFC 9207), exchanges the code with the PKCE verifier,
//! and checks the ID token: signature, issuer, audience, authorised party, times by our clock, nonce, access-token
//! hash and, if configured, the level of assurance. Rule: only asymmetric signatures, so that nobody can sign with a
//! public key.

use super::PendingSignIn;
use super::check_text;
use super::finish::SignInCallback;
use super::provider::{Provider, ProviderCallError, ProviderState};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use chrono::Duration;
use data_encoding::BASE64URL_NOPAD;
use openidconnect::core::{CoreErrorResponseType, CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreTokenResponse};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClaimsVerificationError, ClientId, Nonce, OAuth2TokenResponse,
    PkceCodeVerifier, RequestTokenError, SignatureVerificationError, StandardErrorResponse, TokenResponse, http,
};
use serde_json::{Map, Value};

/// Maximum time the provider's clock may be ahead.
const AHEAD: Duration = Duration::seconds(60);
/// Maximum length of a subject (OpenID Connect Core 1.0, section 2).
const LONGEST_SUBJECT: usize = 255;
/// Accepted signature algorithms.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// An identity verified by a provider.
#[derive(Clone)]
pub(super) struct VerifiedIdentity {
    pub issuer: String,
    /// The provider's identifier of the person.
    pub subject: String,
    /// Claims about the person; not for logs.
    pub claims: Map<String, Value>,
}

type CodeExchangeError = RequestTokenError<ProviderCallError, StandardErrorResponse<CoreErrorResponseType>>;

impl Provider {
    /// Verifies a callback.
    ///
    /// # Errors
    /// [`ErrorCode::OidcIssuerWrong`], [`ErrorCode::OidcDenied`], [`ErrorCode::OidcCodeRefused`],
    /// [`ErrorCode::OidcTokenInvalid`], [`ErrorCode::OidcAway`]; `required` on `code`.
    pub(super) async fn prove(
        &self,
        app: &App,
        pending: &PendingSignIn,
        finish: &SignInCallback,
    ) -> Result<VerifiedIdentity, ServiceError> {
        let now = app.now();
        let known = self.known(now).await?;
        self.check_issuer(&known, pending, finish.iss.as_deref())?;
        if let Some(error) = &finish.error {
            let is_away = matches!(error.as_str(), "server_error" | "temporarily_unavailable");
            return Err(if is_away { ErrorCode::OidcAway } else { ErrorCode::OidcDenied }.into());
        }
        let code = finish.code.clone().ok_or_else(|| ServiceError::invalid("code", FieldRule::Required))?;
        let answer = self.exchange(&known, pending, code).await?;
        let token = answer.id_token().ok_or_else(|| self.refuse("no token"))?;
        let mut proof = match self.read(&known, pending, token, answer.access_token(), now) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let fresh = self.with_new_keys(now).await?.ok_or_else(|| self.refuse("unknown key"))?;
                self.read(&fresh, pending, token, answer.access_token(), now)
            }
            read => read,
        }
        .map_err(|error| self.refuse(sort_of(&error)))?;
        if self.settings.more.userinfo {
            self.ask_for_more(&known, answer.access_token(), &mut proof).await?;
        }
        Ok(proof)
    }

    /// Prevents mix-up attacks: the callback must come from the provider that was asked, and name it if it can.
    fn check_issuer(&self, known: &ProviderState, pending: &PendingSignIn, named: Option<&str>) -> Result<(), ServiceError> {
        let says_so = known.metadata.additional_metadata().authorization_response_iss_parameter_supported;
        let is_right = match named {
            Some(issuer) => issuer == self.settings.issuer,
            None => !says_so,
        };
        if is_right && pending.issuer == self.settings.issuer { Ok(()) } else { Err(ErrorCode::OidcIssuerWrong.into()) }
    }

    async fn exchange(
        &self,
        known: &ProviderState,
        pending: &PendingSignIn,
        code: String,
    ) -> Result<CoreTokenResponse, ServiceError> {
        let client = self.client(known, pending)?;
        let http = |request| self.call(request);
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|_| {
            tracing::warn!(realm = %self.settings.realm, "OIDC provider has no token endpoint");
            ServiceError::from(ErrorCode::OidcAway)
        })?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()));
        request.request_async(&http).await.map_err(|error| self.refused_exchange(&error))
    }

    fn refused_exchange(&self, error: &CodeExchangeError) -> ServiceError {
        let realm = self.settings.realm;
        match error {
            RequestTokenError::ServerResponse(said) if *said.error() == CoreErrorResponseType::InvalidGrant => {
                ErrorCode::OidcCodeRefused.into()
            }
            RequestTokenError::ServerResponse(said) => {
                // Use the standard error code, not the description, which may repeat request data.
                let word = match said.error() {
                    CoreErrorResponseType::InvalidClient => "invalid_client",
                    CoreErrorResponseType::UnauthorizedClient => "unauthorized_client",
                    CoreErrorResponseType::InvalidRequest => "invalid_request",
                    _ => "another error",
                };
                tracing::error!(%realm, word, "OIDC client rejected at the token endpoint, check client_id, client_secret and redirect_uris");
                ErrorCode::OidcAway.into()
            }
            RequestTokenError::Request(problem) => {
                tracing::warn!(%realm, %problem, "OIDC code exchange failed");
                ErrorCode::OidcAway.into()
            }
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => self.refuse("unreadable answer"),
        }
    }

    /// Rejects a token; only the kind of problem is logged, nothing of the token.
    fn refuse(&self, problem: &'static str) -> ServiceError {
        tracing::warn!(realm = %self.settings.realm, problem, "OIDC token rejected");
        ErrorCode::OidcTokenInvalid.into()
    }

    fn read(
        &self,
        known: &ProviderState,
        pending: &PendingSignIn,
        token: &CoreIdToken,
        access: &AccessToken,
        now: Instant,
    ) -> Result<VerifiedIdentity, ClaimsVerificationError> {
        let own = ClientId::new(self.settings.client_id.clone());
        // Like a public client, so that tokens signed with our client secret are never accepted.
        let verifier = CoreIdTokenVerifier::new_public_client(own, known.metadata.issuer().clone(), known.keys.clone())
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || now.utc())
            .set_issue_time_verifier_fn(move |issued| {
                if issued <= now.plus(AHEAD).utc() { Ok(()) } else { Err("issued in the future".to_owned()) }
            })
            .set_auth_context_verifier_fn(|acr| {
                let wanted = &self.settings.more.acr_values;
                let is_sure = acr.is_some_and(|acr| wanted.iter().any(|value| value == acr.as_str()));
                if is_sure || !self.settings.more.require_acr { Ok(()) } else { Err("another acr".to_owned()) }
            });
        let claims = token.claims(&verifier, &Nonce::new(pending.nonce.clone()))?;
        if claims.authorized_party().is_some_and(|party| party.as_str() != self.settings.client_id) {
            return Err(ClaimsVerificationError::InvalidAudience(String::new()));
        }
        if let Some(expected) = claims.access_token_hash() {
            let failed = ClaimsVerificationError::SignatureVerification;
            let (algorithm, key) = (token.signing_alg().map_err(failed)?, token.signing_key(&verifier).map_err(failed)?);
            let hash = AccessTokenHash::from_token(access, algorithm, key);
            if hash.map_or(true, |hash| hash != *expected) {
                return Err(ClaimsVerificationError::Other("at_hash".to_owned()));
            }
        }
        let subject = claims.subject().as_str().to_owned();
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT || check_text("sub", &subject).is_err() {
            return Err(ClaimsVerificationError::InvalidSubject(String::new()));
        }
        let claims = payload(token).ok_or_else(|| ClaimsVerificationError::Other("payload".to_owned()))?;
        Ok(VerifiedIdentity { issuer: self.settings.issuer.clone(), subject, claims })
    }

    /// Adds the claims of the userinfo endpoint; those of the token take precedence.
    async fn ask_for_more(
        &self,
        known: &ProviderState,
        access: &AccessToken,
        proof: &mut VerifiedIdentity,
    ) -> Result<(), ServiceError> {
        let away = |problem: &str| {
            tracing::warn!(realm = %self.settings.realm, problem, "the userinfo endpoint does not answer");
            ServiceError::from(ErrorCode::OidcAway)
        };
        let address = known.metadata.userinfo_endpoint().ok_or_else(|| away("there is none"))?;
        let request = http::Request::get(address.as_str())
            .header(http::header::ACCEPT, "application/json")
            .header(http::header::AUTHORIZATION, format!("Bearer {}", access.secret()))
            .body(Vec::new())
            .map_err(|_| away("unusable token"))?;
        let answer = self.call(request).await.map_err(|error| away(&error.to_string()))?;
        if answer.status() != http::StatusCode::OK {
            return Err(away("it refuses the token"));
        }
        let more: Map<String, Value> = serde_json::from_slice(answer.body()).map_err(|_| self.refuse("userinfo"))?;
        // Protects against substituted claims of another person (OpenID Connect Core 1.0, section 5.3.2).
        if more.get("sub").and_then(Value::as_str) != Some(proof.subject.as_str()) {
            return Err(self.refuse("userinfo of another subject"));
        }
        for (name, value) in more {
            proof.claims.entry(name).or_insert(value);
        }
        Ok(())
    }
}

/// Returns the raw claims of a verified token under the provider's names.
fn payload(token: &CoreIdToken) -> Option<Map<String, Value>> {
    let text = token.to_string();
    let bytes = BASE64URL_NOPAD.decode(text.split('.').nth(1)?.as_bytes()).ok()?;
    serde_json::from_slice(&bytes).ok()
}

const fn sort_of(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "expired or from the future",
        ClaimsVerificationError::InvalidAudience(_) => "audience",
        ClaimsVerificationError::InvalidAuthContext(_) => "acr",
        ClaimsVerificationError::InvalidIssuer(_) => "issuer",
        ClaimsVerificationError::InvalidNonce(_) => "nonce",
        ClaimsVerificationError::InvalidSubject(_) => "subject",
        ClaimsVerificationError::SignatureVerification(_) => "signature",
        _ => "unusable",
    }
}
