//! Who pays for what a request costs beyond a plain one: its source, account and device, out of what they may ask in a minute.

use super::app::app_of;
use crate::app::App;
use crate::http::Problem;
use crate::http::middleware::{Budget, Limits};
use actix_web::HttpRequest;
use actix_web::web::Data;

/// The payer of a request.
pub struct Payer {
    app: Data<App>,
    budget: Option<(Data<Limits>, Budget)>,
}

impl Payer {
    /// Of a request.
    ///
    /// # Errors
    /// `Internal` in a worker without an application.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let (app, limits) = (app_of(request)?, request.app_data::<Data<Limits>>().cloned());
        let budget = limits.map(|limits| (limits, Budget::of(&app, request)));
        Ok(Self { app, budget })
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
