//! Other systems with a key in `X-Api-Key`; who has none learns nothing else.

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

/// The header of the key.
const KEY: &str = "x-api-key";

/// A partner with a key of the scope `S`.
pub struct ApiClient<S> {
    /// Whose key it is.
    pub partner: Partner,
    scope: PhantomData<S>,
}

/// Whoever uploads a file: an account, a guest, or a partner with its key.
pub enum Uploader {
    /// With an account, or none.
    Person(Option<Actor>),
    /// Another system.
    Partner(ApiKeyId),
}

impl Uploader {
    /// Whose the file is; nobody else's may be joined by an account.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Person(Some(actor)) => Some(actor.account_id),
            Self::Person(None) | Self::Partner(_) => None,
        }
    }

    /// Who pays for its bytes.
    #[must_use]
    pub fn sender(&self, source: &ClientAddress) -> UploadSource {
        match self {
            Self::Person(_) => UploadSource::source(source),
            Self::Partner(key) => UploadSource::partner(*key),
        }
    }

    /// Whether work is asked of them where it is asked of guests.
    pub async fn has_to_work(&self, app: &App) -> Result<bool, Problem> {
        match self {
            Self::Person(actor) => Ok(challenge::is_required_for(app, actor.as_ref()).await?),
            Self::Partner(_) => Ok(false),
        }
    }

    /// Whom an idempotency key belongs to; nobody in particular for guests.
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
