//! Access to the application from a request.

use crate::app::App;
use crate::web::Problem;
use actix_web::HttpRequest;
use actix_web::web::Data;

/// Returns the application that `server` registered in every worker.
pub fn app_data(request: &HttpRequest) -> Result<Data<App>, Problem> {
    request.app_data::<Data<App>>().cloned().ok_or_else(|| Problem::internal("a worker has no application".to_owned()))
}
