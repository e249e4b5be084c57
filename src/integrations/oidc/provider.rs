//! Client for one identity provider: its endpoints, its signing keys, and the HTTP calls to it.
//!
//! Metadata and keys are fetched on first use and cached for an hour. Keys are also refetched when a token names an
//! unknown one, but at most once a minute, because anybody can make a token that names a key. One request at a time
//! fetches, and while a provider is down, requests do not wait for it again and again. Rule: only URLs allowed by the
//! configuration are called, and redirects are not followed.

use super::PendingSignIn;
use crate::config::{Config, ConfigError, OidcSettings};
use crate::db::service_error::ServiceError;
use crate::delivery::channels;
use crate::integrations::oidc::rules::OidcRealm;
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use chrono::Duration;
use futures_util::StreamExt;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, AuthenticationContextClass, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, JsonWebKeySet, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadata, RedirectUrl, Scope, http,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How long metadata and keys are cached.
const KEPT: Duration = Duration::hours(1);
/// Minimum interval between refetches for an unknown key.
const KEY_PAUSE: Duration = Duration::seconds(60);
/// How long an unreachable provider is not asked for metadata again.
const AWAY_PAUSE: Duration = Duration::seconds(5);
/// Maximum response size in bytes.
const MOST_ANSWER: usize = 256 * 1024;

/// Metadata added by RFC 9207.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ExtraMetadata {
    /// Whether the provider sends `iss` in its callbacks.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for ExtraMetadata {}

type OidcMetadata = ProviderMetadata<
    ExtraMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The library's client with the endpoints set by the metadata.
pub(super) type OidcClient =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Cached metadata and keys of a provider.
pub(super) struct ProviderState {
    pub metadata: OidcMetadata,
    pub keys: CoreJsonWebKeySet,
    fetched_at: Instant,
    keys_at: Instant,
}

#[derive(Default)]
struct ProviderCache {
    known: Option<Arc<ProviderState>>,
    failed_at: Option<Instant>,
}

/// Why a call failed, without any request data.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProviderCallError {
    #[error("the address is not safe")]
    Unsafe,
    #[error("the request cannot be made")]
    Malformed,
    #[error("no answer")]
    Silent,
    #[error("status {0}")]
    Status(u16),
    #[error("the answer is too long")]
    TooLong,
}

/// One provider.
pub struct Provider {
    pub settings: OidcSettings,
    client: reqwest::Client,
    memory: Mutex<ProviderCache>,
}

/// The configured providers.
#[derive(Default)]
pub struct Providers {
    citizen: Option<Provider>,
    officer: Option<Provider>,
}

impl Providers {
    /// Builds the providers from the configuration without calling them.
    ///
    /// # Errors
    /// An unusable setting.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let provider = |realm| -> Result<_, ConfigError> {
            let Some(settings) = config.oidc.provider(realm)? else { return Ok(None) };
            // Private addresses are allowed: the operator configured the URL, and every called URL is checked
            // separately.
            Ok(Some(Provider { settings, client: channels::client(true)?, memory: Mutex::default() }))
        };
        Ok(Self { citizen: provider(OidcRealm::Citizen)?, officer: provider(OidcRealm::Officer)? })
    }

    /// Returns the provider of a realm.
    ///
    /// # Errors
    /// [`ErrorCode::OidcNotSetUp`].
    pub(super) fn provider(&self, realm: OidcRealm) -> Result<&Provider, ErrorCode> {
        let provider = match realm {
            OidcRealm::Citizen => &self.citizen,
            OidcRealm::Officer => &self.officer,
        };
        provider.as_ref().ok_or(ErrorCode::OidcNotSetUp)
    }
}

impl Provider {
    /// Returns the URL where a person signs in.
    pub(super) async fn authorization_url(
        &self,
        now: Instant,
        pending: &PendingSignIn,
        state: &str,
    ) -> Result<String, ServiceError> {
        let known = self.known(now).await?;
        let client = self.client(&known, pending)?;
        let (state, nonce) = (CsrfToken::new(state.to_owned()), Nonce::new(pending.nonce.clone()));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(pending.verifier.clone()));
        // The library adds `openid` itself.
        let scopes = self.settings.more.scopes.iter().filter(|scope| *scope != "openid").cloned().map(Scope::new);
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .add_scopes(scopes)
            .set_pkce_challenge(challenge);
        for value in &self.settings.more.acr_values {
            request = request.add_auth_context_value(AuthenticationContextClass::new(value.clone()));
        }
        let (url, _, _) = request.url();
        if !self.settings.may_call(url.as_str()) {
            tracing::warn!(realm = %self.settings.realm, "OIDC authorization endpoint is not HTTPS");
            return Err(ErrorCode::OidcAway.into());
        }
        Ok(url.to_string())
    }

    /// Returns the library's client for one sign-in.
    pub(super) fn client(&self, known: &ProviderState, pending: &PendingSignIn) -> Result<OidcClient, ServiceError> {
        let secret = self.settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.reveal().to_owned()));
        let back = RedirectUrl::new(pending.redirect_uri.clone())
            .map_err(|_| ServiceError::Internal("a redirect_uri of the settings is no address"))?;
        let methods = known.metadata.token_endpoint_auth_methods_supported();
        // Without a list the default is Basic (OpenID Connect Discovery 1.0, section 3).
        let is_basic = methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let client =
            OidcClient::from_provider_metadata(known.metadata.clone(), ClientId::new(self.settings.client_id.clone()), secret);
        let client = client.set_auth_type(if is_basic { AuthType::BasicAuth } else { AuthType::RequestBody });
        Ok(client.set_redirect_uri(back))
    }

    /// Returns the cached metadata and keys; fetches them if missing or expired.
    pub(super) async fn known(&self, now: Instant) -> Result<Arc<ProviderState>, ServiceError> {
        let mut memory = self.memory.lock().await;
        let present = memory.known.clone();
        let is_young = |known: &Arc<ProviderState>| known.fetched_at.plus(KEPT) > now && known.fetched_at <= now;
        if let Some(known) = present.clone().filter(is_young) {
            return Ok(known);
        }
        let was_away = memory.failed_at.is_some_and(|at| at.plus(AWAY_PAUSE) > now && at <= now);
        let fetched = if was_away { Err("the provider was away a moment ago".to_owned()) } else { self.fetch(now).await };
        match fetched {
            Ok(known) => {
                let known = Arc::new(known);
                *memory = ProviderCache { known: Some(Arc::clone(&known)), failed_at: None };
                Ok(known)
            }
            Err(problem) => {
                if !was_away {
                    tracing::warn!(realm = %self.settings.realm, %problem, "OIDC discovery failed");
                    memory.failed_at = Some(now);
                }
                // Prefer expired metadata to none.
                present.ok_or_else(|| ErrorCode::OidcAway.into())
            }
        }
    }

    async fn fetch(&self, now: Instant) -> Result<ProviderState, String> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|_| "the issuer is no address".to_owned())?;
        let http = |request| self.call(request);
        let metadata = OidcMetadata::discover_async(issuer, &http).await.map_err(|error| cause(&error))?;
        let keys = metadata.jwks().clone();
        Ok(ProviderState { metadata, keys, fetched_at: now, keys_at: now })
    }

    /// Refetches the provider's keys; `None` if that was done a moment ago.
    pub(super) async fn with_new_keys(&self, now: Instant) -> Result<Option<Arc<ProviderState>>, ServiceError> {
        let mut memory = self.memory.lock().await;
        let Some(known) = memory.known.clone().filter(|known| known.keys_at.plus(KEY_PAUSE) <= now) else { return Ok(None) };
        let http = |request| self.call(request);
        let keys = JsonWebKeySet::fetch_async(known.metadata.jwks_uri(), &http).await.map_err(|error| {
            tracing::warn!(realm = %self.settings.realm, problem = %cause(&error), "cannot read OIDC provider keys (JWKS)");
            ServiceError::from(ErrorCode::OidcAway)
        })?;
        let fresh =
            Arc::new(ProviderState { metadata: known.metadata.clone(), keys, fetched_at: known.fetched_at, keys_at: now });
        memory.known = Some(Arc::clone(&fresh));
        Ok(Some(fresh))
    }

    /// Sends one request on behalf of the library.
    pub(super) async fn call(&self, request: HttpRequest) -> Result<HttpResponse, ProviderCallError> {
        if !self.settings.may_call(&request.uri().to_string()) {
            return Err(ProviderCallError::Unsafe);
        }
        let mut request = reqwest::Request::try_from(request).map_err(|_| ProviderCallError::Malformed)?;
        *request.timeout_mut() = Some(std::time::Duration::from_millis(self.settings.more.timeout_ms));
        let response = self.client.execute(request).await.map_err(|_| ProviderCallError::Silent)?;
        let status = response.status();
        if status.is_server_error() || status.is_redirection() || status == http::StatusCode::TOO_MANY_REQUESTS {
            return Err(ProviderCallError::Status(status.as_u16()));
        }
        let mut answer = http::Response::builder().status(status);
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let (mut body, mut pieces) = (Vec::new(), response.bytes_stream());
        while let Some(piece) = pieces.next().await {
            body.extend_from_slice(&piece.map_err(|_| ProviderCallError::Silent)?);
            if body.len() > MOST_ANSWER {
                return Err(ProviderCallError::TooLong);
            }
        }
        answer.body(body).map_err(|_| ProviderCallError::Malformed)
    }
}

/// Only the kind of error: the provider's text must not be logged.
fn cause(error: &openidconnect::DiscoveryError<ProviderCallError>) -> String {
    use openidconnect::DiscoveryError;
    match error {
        DiscoveryError::Request(error) => error.to_string(),
        DiscoveryError::Response(status, ..) => format!("status {status}"),
        DiscoveryError::Parse(_) => "unreadable answer".to_owned(),
        DiscoveryError::Validation(_) => "it names itself otherwise than the setting issuer".to_owned(),
        _ => "unusable answer".to_owned(),
    }
}
