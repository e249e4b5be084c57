//! Charges the additional cost of an expensive request to the rate limits of its client, account and device.

use super::app::app_data;
use super::client_address;
use crate::app::App;
use crate::web::Problem;
use crate::web::middleware::{QuotaKeys, RateLimits};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};

/// A search through all public data costs as much as this many plain requests.
const LOOKING_THROUGH: u32 = 10;

/// The rate limit keys of a request.
pub struct RequestQuota {
    /// With the per-client limit of the public query queue.
    app: App,
    budget: Option<(Data<RateLimits>, QuotaKeys)>,
}

impl RequestQuota {
    /// Returns the quota of a request.
    ///
    /// # Errors
    /// `Internal` in a worker without an application.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let (app, limits) = (app_data(request)?, request.app_data::<Data<RateLimits>>().cloned());
        let budget = limits.map(|limits| (limits, QuotaKeys::of(&app, request)));
        Ok(Self { app: app.for_source(&client_address(request, &app)), budget })
    }

    /// Returns the application for the queries of this request.
    #[must_use]
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Charges a search through all public data.
    ///
    /// # Errors
    /// 429 when the quota does not suffice.
    pub async fn consume_search(&self) -> Result<(), Problem> {
        self.pay(LOOKING_THROUGH - 1).await
    }

    /// Charges the cost of this many plain requests.
    ///
    /// # Errors
    /// 429 when the quota does not suffice.
    pub async fn pay(&self, weight: u32) -> Result<(), Problem> {
        match &self.budget {
            Some((limits, budget)) => limits.pay(&self.app, budget, weight).await,
            None => Ok(()),
        }
    }
}

impl FromRequest for RequestQuota {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}
