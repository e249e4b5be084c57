//! Who pays for what a request costs beyond a plain one: its source, account and device, out of what they may ask in a minute.

use super::app::app_data;
use super::client_address;
use crate::app::App;
use crate::web::Problem;
use crate::web::middleware::{QuotaKeys, RateLimits};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};

/// As many plain requests cost as much as looking through everything that is public.
const LOOKING_THROUGH: u32 = 10;

/// The payer of a request.
pub struct RequestQuota {
    /// With a share of the line of the public.
    app: App,
    budget: Option<(Data<RateLimits>, QuotaKeys)>,
}

impl RequestQuota {
    /// Of a request.
    ///
    /// # Errors
    /// `Internal` in a worker without an application.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let (app, limits) = (app_data(request)?, request.app_data::<Data<RateLimits>>().cloned());
        let budget = limits.map(|limits| (limits, QuotaKeys::of(&app, request)));
        Ok(Self { app: app.for_source(&client_address(request, &app)), budget })
    }

    /// The application for the questions of this request.
    #[must_use]
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Takes what looking through everything that is public costs.
    ///
    /// # Errors
    /// 429 where there is not as much left.
    pub async fn consume_search(&self) -> Result<(), Problem> {
        self.pay(LOOKING_THROUGH - 1).await
    }

    /// Takes as much as so many further requests would.
    ///
    /// # Errors
    /// 429 where there is not as much left.
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
