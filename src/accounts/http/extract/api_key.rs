//! Extractors for other systems that authenticate with a key in `X-Api-Key`; without a valid key the response
//! reveals nothing else.

use super::account::OptionalAccount;
use crate::accounts::access::{ApiKeyScope, PartnerScope};
use crate::accounts::challenge;
use crate::app::App;
use crate::attachments::upload_quota::UploadSource;
use crate::integrations::partner_api::{Partner, authenticate};
use crate::kernel::account::Actor;
use crate::kernel::client_address::ClientAddress;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{AccountId, ApiKeyId};
use crate::web::Problem;
use crate::web::extract::access_decision;
use crate::web::extract::app::app_data;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use std::marker::PhantomData;

const KEY: &str = "x-api-key";

/// A partner system with an API key of scope `S`.
pub struct ApiClient<S> {
    pub partner: Partner,
    scope: PhantomData<S>,
}

/// The uploader of a file: an account, a guest, or a partner system with its key.
pub enum Uploader {
    /// An account, or a guest.
    Person(Option<Actor>),
    /// A partner system.
    Partner(ApiKeyId),
}

impl Uploader {
    /// Returns the account that owns the file; only that account may attach it.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Person(Some(actor)) => Some(actor.account_id),
            Self::Person(None) | Self::Partner(_) => None,
        }
    }

    /// Returns the source whose upload quota is charged.
    #[must_use]
    pub fn sender(&self, source: &ClientAddress) -> UploadSource {
        match self {
            Self::Person(_) => UploadSource::source(source),
            Self::Partner(key) => UploadSource::partner(*key),
        }
    }

    /// Returns whether proof of work applies to this uploader when it applies to guests.
    pub async fn has_to_work(&self, app: &App) -> Result<bool, Problem> {
        match self {
            Self::Person(actor) => Ok(challenge::is_required_for(app, actor.as_ref()).await?),
            Self::Partner(_) => Ok(false),
        }
    }

    /// Returns the owner of an idempotency key; `None` for guests.
    #[must_use]
    pub fn caller(&self) -> Option<String> {
        match self {
            Self::Person(None) => None,
            Self::Person(Some(actor)) => Some(format!("account:{}", actor.account_id)),
            Self::Partner(key) => Some(format!("key:{key}")),
        }
    }
}

impl FromRequest for Uploader {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if request.headers().contains_key(KEY) {
            let keyed = ApiClient::<PartnerScope>::from_request(request, payload);
            return Box::pin(async move { Ok(Self::Partner(keyed.await?.partner.id)) });
        }
        let guest = OptionalAccount::from_request(request, payload);
        Box::pin(async move { Ok(Self::Person(guest.await?.0)) })
    }
}

impl<S: ApiKeyScope + 'static> FromRequest for ApiClient<S> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asking = request.clone();
        let decision = access_decision::decide(request, async move {
            let app = app_data(&asking)?;
            let key = asking.headers().get(KEY).and_then(|value| value.to_str().ok()).ok_or(ErrorCode::ApiKeyInvalid)?;
            Ok(authenticate(&app, key, S::SCOPE).await?)
        });
        Box::pin(async move { decision.await.map(|partner| Self { partner, scope: PhantomData }) })
    }
}
