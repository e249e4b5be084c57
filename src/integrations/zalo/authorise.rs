//! OAuth authorisation of the application for the Official Account (PKCE), and the connection status.
//!
//! Enters: an administrator. Leaves: the authorisation URL; the code from the callback is exchanged for tokens.

use super::tokens::{closed, granted, keep};
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::delivery::channels::{ZaloResponse, code_of};
use crate::delivery::rules::OutboxState;
use crate::integrations::zalo::rules::{ConnectionState, ZaloEventState, error_action};
use crate::integrations::zalo::store::tokens::{self, ZaloTokenRow};
use crate::integrations::zalo::store::{events, replies};
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use chrono::Duration;
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// Minutes for which a started authorisation is valid.
const MINUTES: i64 = 10;
/// Path of the OAuth callback.
const BACK: &str = "/api/v1/channels/zalo/authorised";

/// How the connection with Zalo stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ZaloStatus {
    /// Whether messages can be sent.
    pub state: ConnectionState,
    /// Number of the Official Account.
    pub oa_id: String,
    /// Until when the access token is good; it is exchanged by itself.
    #[schema(required)]
    pub access_until: Option<Instant>,
    /// When the tokens were exchanged last.
    #[schema(required)]
    pub refreshed_at: Option<Instant>,
    /// Why the last exchange failed.
    #[schema(required)]
    pub problem: Option<String>,
    /// Events that wait to be handled.
    pub events_waiting: i64,
    /// Events that were given up.
    pub events_dead: i64,
    /// Replies that wait to be sent.
    pub replies_waiting: i64,
    /// Replies that were given up, or of which nobody knows whether they arrived.
    pub replies_dead: i64,
}

/// Where an administrator authorises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Authorisation {
    /// To be opened in a browser by somebody who administers the Official Account, within ten minutes.
    pub url: String,
}

/// Returns the connection status.
///
/// # Errors
/// [`ErrorCode::ZaloNotSetUp`].
pub async fn status(app: &App) -> Result<ZaloStatus, ServiceError> {
    let oa_id = super::channel(app)?.settings.oa_id.clone();
    let has_seed = app.config.zalo_refresh_token.is_some();
    app.db
        .read(move |connection| {
            let row = tokens::find(connection, &oa_id)?;
            let unknown = if has_seed { ConnectionState::Connected } else { ConnectionState::NeedsAuthorisation };
            Ok(ZaloStatus {
                state: row.as_ref().map_or(unknown, |row| row.state),
                access_until: row.as_ref().map(|row| row.access_until),
                refreshed_at: row.as_ref().and_then(|row| row.refreshed_at),
                problem: row.and_then(|row| row.problem),
                events_waiting: events::count(connection, ZaloEventState::Due)?,
                events_dead: events::count(connection, ZaloEventState::Dead)?,
                replies_waiting: replies::count(connection, OutboxState::Due)?,
                replies_dead: replies::count(connection, OutboxState::Dead)?,
                oa_id: oa_id.clone(),
            })
        })
        .await
}

/// Starts an authorisation.
///
/// # Errors
/// [`ErrorCode::ZaloNotSetUp`], [`ErrorCode::PublicUrlMissing`].
pub async fn begin(app: &App, by: &AuditActor) -> Result<Authorisation, ServiceError> {
    let channel = super::channel(app)?;
    let public = app.config.public_url.as_deref().ok_or(ErrorCode::PublicUrlMissing)?;
    // 32 bytes are 43 base64 characters, as PKCE requires.
    let verifier = BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>());
    let state = BASE64URL_NOPAD.encode(&rand::random::<[u8; 24]>());
    let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()));
    let url = channel
        .permission_url(&format!("{}{BACK}", public.trim_end_matches('/')), &challenge, &state)
        .ok_or(ServiceError::Internal("zalo_oauth_url cannot be used"))?;
    let (now, sealed) = (app.now(), closed(app, &verifier)?);
    let event = AuditEvent::new("authorise_zalo", "official_account", channel.settings.oa_id.as_str());
    audit::transaction(app, by, move |connection| {
        tokens::begin(connection, &state, &sealed, now)?;
        Ok::<_, ServiceError>(((), event.clone()))
    })
    .await?;
    Ok(Authorisation { url })
}

/// Completes an authorisation: exchanges the code for tokens.
///
/// # Errors
/// [`ErrorCode::ZaloAuthorisationUnknown`], [`ErrorCode::ZaloTokenRefused`], [`ErrorCode::ZaloAway`]; `UnknownCode`
/// on `oa_id` for another Official Account.
pub async fn finish(app: &App, code: &str, oa_id: &str, state: &str) -> Result<(), ServiceError> {
    let channel = super::channel(app)?;
    if oa_id != channel.settings.oa_id {
        return Err(ServiceError::invalid("oa_id", FieldRule::UnknownCode));
    }
    let (asked, after) = (state.to_owned(), app.now().plus(-Duration::minutes(MINUTES)));
    let sealed = app.db.write(move |connection| Ok::<_, ServiceError>(tokens::finish(connection, &asked, after)?)).await?;
    let verifier = sealed.and_then(|sealed| app.seal.open(super::tokens::PURPOSE, &sealed));
    let verifier = verifier.ok_or(ErrorCode::ZaloAuthorisationUnknown)?;
    let answer = match channel.authorise(code, &verifier).await {
        ZaloResponse::Answered(answer) => answer,
        ZaloResponse::TokenRefused => return Err(ErrorCode::ZaloTokenRefused.into()),
        ZaloResponse::Unreached(_) | ZaloResponse::Uncertain(_) => return Err(ErrorCode::ZaloAway.into()),
    };
    let asked = oa_id.to_owned();
    let present = app.db.read(move |connection| Ok::<_, ServiceError>(tokens::find(connection, &asked)?)).await?;
    let seed = app.config.zalo_refresh_token.as_ref();
    let empty = ZaloTokenRow {
        oa_id: oa_id.to_owned(),
        access_token: String::new(),
        refresh_token: String::new(),
        state: ConnectionState::NeedsAuthorisation,
        access_until: app.now(),
        refreshed_at: None,
        // Mark the configured refresh token as used: it is older than the new authorisation.
        seed_hash: seed.map(|seed| data_encoding::HEXLOWER.encode(&Sha256::digest(seed.reveal().as_bytes()))),
        problem: None,
        holder: None,
        held_until: None,
        version: 0,
    };
    let Some((_, next)) = granted(app, &answer, &present.unwrap_or(empty))? else {
        let problem = code_of(&answer).map_or_else(|| "unreadable answer".to_owned(), error_action::told);
        tracing::warn!(%problem, "Zalo rejected the authorisation");
        return Err(ErrorCode::ZaloTokenRefused.into());
    };
    keep(app, next).await?;
    let event = AuditEvent::new("finish_zalo_authorisation", "official_account", oa_id);
    audit::transaction(app, &AuditActor::visitor(), move |_| Ok::<_, ServiceError>(((), event.clone()))).await?;
    tracing::info!("Zalo Official Account authorised");
    Ok(())
}
