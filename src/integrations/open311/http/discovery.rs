//! Discovery: the endpoint and its formats. Media types have no parameters, because the published validator compares
//! the whole string.

use super::write::Open311Format;
use crate::accounts::http::extract::Public;
use crate::app::App;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use pakn_route::get;
use serde_json::json;

/// Time of the last change of the endpoint's interface.
const CHANGESET: &str = "2026-11-01T00:00:00+07:00";
/// URL of the specification, as defined by the standard.
const SPECIFICATION: &str = "http://wiki.open311.org/GeoReport_v2";

/// Open311: discovery.
#[utoipa::path(
    tag = "open311",
    params(("format" = String, Path, description = "`xml` or `json`")),
    responses((status = 200, description = "As service discovery has it", content_type = "text/xml"))
)]
#[get("/discovery.{format}")]
pub async fn discover(_anybody: Public, app: Data<App>, request: HttpRequest, ending: Path<String>) -> HttpResponse {
    let base = app.config.public_url.clone().unwrap_or_else(|| {
        let connection = request.connection_info();
        format!("{}://{}", connection.scheme(), connection.host())
    });
    let base = base.trim_end_matches('/');
    let endpoint = |kind: &str| {
        json!({
            "specification": SPECIFICATION, "url": format!("{base}/open311/v2"), "changeset": CHANGESET, "type": kind,
            "formats": ["text/xml", "application/json"],
        })
    };
    let tree = json!({
        "changeset": CHANGESET,
        "contact": format!("Hệ thống tiếp nhận phản ánh, kiến nghị tỉnh Bắc Ninh: {base}"),
        "key_service": format!("Quản trị hệ thống cấp khóa API theo đề nghị: {base}"),
        "endpoints": [endpoint("production"), endpoint("test")],
    });
    let format = Open311Format::of(&ending).unwrap_or(Open311Format::Xml);
    HttpResponse::Ok().insert_header((CONTENT_TYPE, format.media_type())).body(format.text("discovery", &tree))
}
