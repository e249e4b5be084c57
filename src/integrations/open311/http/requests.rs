//! Service requests: filing needs a key; published ones are public; tokens stand for requests that are still being
//! reviewed.

use super::key::FormApiKey;
use super::params::Open311Params;
use super::write::{Open311Error, Open311Format};
use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::integrations::open311::{self, NewServiceRequest, ServiceRequestFilter};
use crate::web::extract::RequestQuota;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use pakn_route::{get, post};
use serde_json::Value;

const ROOT: &str = "service_requests";

/// The attribute every service requires, in both spellings.
const AREA: [&str; 2] = ["attribute[area]", "attribute[area][]"];

/// Truncates a name for an error message.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}

fn answer(ending: &str, status: StatusCode, read: Result<Value, Open311Error>) -> HttpResponse {
    let format = Open311Format::of(ending);
    match (format, read) {
        (Some(format), Ok(tree)) => format.answer(status, ROOT, &tree),
        (format, Err(failure)) => format.unwrap_or(Open311Format::Xml).failure(&failure),
        (None, Ok(_)) => Open311Format::Xml.failure(&Open311Error::not_found("format: xml, json.")),
    }
}

/// Open311: files a request, with a key in `api_key`.
#[utoipa::path(
    tag = "open311",
    params(("format" = String, Path, description = "`xml` or `json`")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 201, description = "As GeoReport v2 has it", content_type = "text/xml"))
)]
#[post("/requests.{format}")]
pub async fn file_request(by: FormApiKey, app: Data<App>, ending: Path<String>) -> HttpResponse {
    let file = async {
        if Open311Format::of(&ending).is_none() {
            return Err(Open311Error::not_found("format: xml, json."));
        }
        let (params, key) = by.0?;
        let report = report(&params)?;
        Ok(open311::file(&app, &key, report).await?)
    };
    answer(&ending, StatusCode::CREATED, file.await)
}

fn report(params: &Open311Params) -> Result<NewServiceRequest, Open311Error> {
    let mut wrong: Vec<String> = Vec::new();
    let service_code = params.text("service_code").unwrap_or_default();
    if service_code.is_empty() {
        wrong.push("service_code: bắt buộc nhập.".to_owned());
    }
    let mut number = |name: &str| {
        params.number(name).unwrap_or_else(|sentence| {
            wrong.push(sentence);
            None
        })
    };
    let (latitude, longitude) = (number("lat"), number("long"));
    let address = params.text("address_string");
    if ["lat", "long", "address_string"].iter().all(|name| params.get(name).is_none()) {
        wrong.push("lat, long, address_string: cần vị trí hoặc địa chỉ; address_id không được hỗ trợ.".to_owned());
    }
    let media_url = params.text("media_url");
    if media_url.as_ref().is_some_and(|url| !(url.starts_with("http://") || url.starts_with("https://")) || url.len() > 500) {
        wrong.push("media_url: cần địa chỉ http:// hoặc https://, tối đa 500 ký tự.".to_owned());
    }
    let description = params.text("description");
    if description.as_ref().is_some_and(|text| text.chars().count() > 4000) {
        wrong.push("description: tối đa 4000 ký tự.".to_owned());
    }
    if !wrong.is_empty() {
        return Err(Open311Error::bad(wrong.join(" ")));
    }
    let name = [params.get("first_name"), params.get("last_name")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Ok(NewServiceRequest {
        service_code,
        area: params.text("attribute[area]").or_else(|| params.text("attribute[area][]")),
        latitude,
        longitude,
        address,
        description,
        full_name: Some(name).filter(|name| !name.is_empty()),
        phone: params.text("phone"),
        email: params.text("email"),
        media_url,
        unknown_attributes: params.names("attribute[").filter(|name| !AREA.contains(name)).map(shown).collect(),
    })
}

/// Open311: published requests; at most 90 days and 1000 requests.
#[utoipa::path(
    tag = "open311",
    params(("format" = String, Path, description = "`xml` or `json`")),
    responses((status = 200, description = "As GeoReport v2 has it", content_type = "text/xml"))
)]
#[get("/requests.{format}")]
pub async fn list_requests(_anybody: Public, payer: RequestQuota, request: HttpRequest, ending: Path<String>) -> HttpResponse {
    let read = async {
        let known = ["service_request_id", "service_code", "start_date", "end_date", "status"];
        let params = Open311Params::read(&[request.query_string()])?.only(&known)?;
        let asked = ServiceRequestFilter {
            codes: params.list("service_request_id"),
            services: params.list("service_code"),
            start: params.text("start_date"),
            end: params.text("end_date"),
            statuses: params.list("status"),
        };
        if asked.codes.is_empty() {
            payer.consume_search().await?;
        }
        Ok(open311::requests(payer.app(), asked).await?)
    };
    answer(&ending, StatusCode::OK, read.await)
}

/// Open311: one published request.
#[utoipa::path(
    tag = "open311",
    params(("id" = String, Path), ("format" = String, Path, description = "`xml` or `json`")),
    responses((status = 200, description = "As GeoReport v2 has it", content_type = "text/xml"))
)]
#[get("/requests/{id}.{format}")]
pub async fn read_request(_anybody: Public, app: Data<App>, request: HttpRequest, path: Path<(String, String)>) -> HttpResponse {
    let (id, ending) = path.into_inner();
    let read = async {
        Open311Params::read(&[request.query_string()])?.only(&[])?;
        let tree = open311::requests(&app, ServiceRequestFilter { codes: vec![id], ..ServiceRequestFilter::default() }).await?;
        let is_empty = tree.as_array().is_none_or(Vec::is_empty);
        if is_empty { Err(Open311Error::not_found("service_request_id: không có hoặc chưa công khai.")) } else { Ok(tree) }
    };
    answer(&ending, StatusCode::OK, read.await)
}

/// Open311: what became of a token.
#[utoipa::path(
    tag = "open311",
    params(("token" = String, Path), ("format" = String, Path, description = "`xml` or `json`")),
    responses((status = 200, description = "As GeoReport v2 has it", content_type = "text/xml"))
)]
#[get("/tokens/{token}.{format}")]
pub async fn read_token(_anybody: Public, app: Data<App>, request: HttpRequest, path: Path<(String, String)>) -> HttpResponse {
    let (token, ending) = path.into_inner();
    let read = async {
        Open311Params::read(&[request.query_string()])?.only(&[])?;
        let tree = open311::token(&app, token).await?;
        tree.ok_or_else(|| Open311Error::not_found("token: không có mã này."))
    };
    answer(&ending, StatusCode::OK, read.await)
}
