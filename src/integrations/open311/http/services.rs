//! Services and their definitions: a service is a category, and each requires the commune as an attribute.

use super::params::Open311Params;
use super::write::{Open311Error, Open311Format};
use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::integrations::open311;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use pakn_route::get;

/// Open311: the services.
#[utoipa::path(
    tag = "open311",
    params(("format" = String, Path, description = "`xml` or `json`")),
    responses((status = 200, description = "As GeoReport v2 has it", content_type = "text/xml"))
)]
#[get("/services.{format}")]
pub async fn list_services(_anybody: Public, app: Data<App>, request: HttpRequest, ending: Path<String>) -> HttpResponse {
    let format = Open311Format::of(&ending).unwrap_or(Open311Format::Xml);
    let read = async {
        Open311Params::read(&[request.query_string()])?.only(&[])?;
        Open311Format::of(&ending).ok_or_else(|| Open311Error::not_found("format: xml, json."))?;
        Ok::<_, Open311Error>(open311::services(&app).await?)
    };
    match read.await {
        Ok(tree) => format.answer(StatusCode::OK, "services", &tree),
        Err(failure) => format.failure(&failure),
    }
}

/// Open311: what a service asks for.
#[utoipa::path(
    tag = "open311",
    params(("code" = String, Path), ("format" = String, Path, description = "`xml` or `json`")),
    responses((status = 200, description = "As GeoReport v2 has it", content_type = "text/xml"))
)]
#[get("/services/{code}.{format}")]
pub async fn read_service(_anybody: Public, app: Data<App>, request: HttpRequest, path: Path<(String, String)>) -> HttpResponse {
    let (code, ending) = path.into_inner();
    let format = Open311Format::of(&ending).unwrap_or(Open311Format::Xml);
    let read = async {
        Open311Params::read(&[request.query_string()])?.only(&[])?;
        let tree = open311::definition(&app, code).await?;
        tree.ok_or_else(|| Open311Error::not_found("service_code: không có dịch vụ này."))
    };
    match read.await {
        Ok(tree) => format.answer(StatusCode::OK, "service_definition", &tree),
        Err(failure) => format.failure(&failure),
    }
}
