//! Who pays for what a request costs beyond a plain one: its source, account and device, out of what they may ask in a minute.

use super::app::app_of;
use crate::http::Problem;
use crate::http::middleware::{Budget, Limits};
use actix_web::HttpRequest;
use actix_web::web::Data;

/// The payer of a request.
pub struct Payer(Option<(Data<Limits>, Budget)>);

impl Payer {
    /// Of a request.
    ///
    /// # Errors
    /// `Internal` in a worker without an application.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let (app, limits) = (app_of(request)?, request.app_data::<Data<Limits>>().cloned());
        Ok(Self(limits.map(|limits| (limits, Budget::of(&app, request)))))
    }

    /// Takes as much as so many further requests would.
    ///
    /// # Errors
    /// 429 where there is not as much left.
    pub fn pay(&self, weight: u32) -> Result<(), Problem> {
        match &self.0 {
            Some((limits, budget)) => limits.pay(budget, weight),
            None => Ok(()),
        }
    }
}
