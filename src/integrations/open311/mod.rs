//! Petitions as Open311 GeoReport v2: categories are services, published petitions are requests.
//!
//! Enters: the parameters of a call. Leaves: the response tree, which the HTTP layer writes as XML or JSON. Rules:
//! filing uses the same service as every other channel; only published petitions are returned, with a rounded
//! location and no personal data.

pub mod http;

use crate::app::App;
use crate::attachments::store as attachments;
use crate::attachments::view::{AttachmentViewer, of_petition};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory;
use crate::directory::rules::category::Category;
use crate::directory::rules::commune_name::{self, communes};
use crate::directory::rules::directory::Directory;
use crate::figures::statistics::labels;
use crate::integrations::partner_api::file::file_for_partner;
use crate::integrations::partner_api::store::{self as partners, PartnerPetitionRow};
use crate::integrations::partner_api::{Partner, secret, secret_hash};
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::{CategoryId, PetitionId};
use crate::kernel::{Instant, text};
use crate::petitions::filing::{LocationForm, PetitionForm, PetitionerForm};
use crate::petitions::rules::Status;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::store::publications::{self, Open311Line, PublicationSelection};
use crate::petitions::store::state;
use chrono::{DateTime, Duration, NaiveDate, NaiveTime};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Maximum requests per response.
const MOST: i64 = 1000;
/// Maximum period of one response, in days.
const MOST_DAYS: i64 = 90;

/// A request to be filed.
#[derive(Debug, Clone, Default)]
pub struct NewServiceRequest {
    /// Category code.
    pub service_code: String,
    /// Commune code, an attribute of the service.
    pub area: Option<String>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Postal address as free text.
    pub address: Option<String>,
    pub description: Option<String>,
    pub full_name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// URL of a picture.
    pub media_url: Option<String>,
    /// Attributes no service asks for.
    pub unknown_attributes: Vec<String>,
}

/// Filter of the list.
#[derive(Debug, Clone, Default)]
pub struct ServiceRequestFilter {
    /// Codes; they override the other criteria.
    pub codes: Vec<String>,
    /// Category codes.
    pub services: Vec<String>,
    /// Received at or after this time.
    pub start: Option<String>,
    /// Received at or before this time.
    pub end: Option<String>,
    /// `open`, `closed`.
    pub statuses: Vec<String>,
}

/// Returns every category in force today as a service.
pub async fn services(app: &App) -> Result<Value, ServiceError> {
    let (directory, today) = (directory::snapshot(app).await?, app.now().local_date());
    let categories = directory.categories().iter().filter(|category| category.validity.covers(today));
    Ok(categories
        .map(|category| {
            json!({
                "service_code": category.code, "service_name": category.name_vi, "metadata": "true", "type": "realtime",
                "description": category.examples.join("; "), "keywords": category.examples.join(", "), "group": "",
            })
        })
        .collect())
}

/// Returns the definition of a service, whose only attribute is the commune; `None` for an unknown code.
pub async fn definition(app: &App, code: String) -> Result<Option<Value>, ServiceError> {
    let (directory, today) = (directory::snapshot(app).await?, app.now().local_date());
    let values: Vec<Value> = communes(&directory, today).map(|area| json!({"key": area.code, "name": area.name})).collect();
    Ok(directory.category_by_code(&code, today).map(|category| {
        json!({
            "service_code": category.code,
            "attributes": [{
                "variable": "true", "code": "area", "datatype": "singlevaluelist", "required": "true", "order": "1",
                "datatype_description": "Chọn xã, phường; có thể bỏ qua khi address_string nêu tên xã, phường.",
                "description": "Xã, phường nơi xảy ra sự việc", "values": values,
            }],
        })
    }))
}

/// Files a request and returns its code, or a token if it must be reviewed first.
///
/// # Errors
/// Every violated field rule.
pub async fn file(app: &App, key: &Partner, report: NewServiceRequest) -> Result<Value, ServiceError> {
    let (directory, today) = (directory::snapshot(app).await?, app.now().local_date());
    let category = directory.category_by_code(&report.service_code, today);
    // Missing or unknown values are reported by the filing service together with all other problems.
    let area = match &report.area {
        Some(code) => Some(code.clone()),
        None => commune_named(&directory, today, report.address.as_deref().unwrap_or_default()),
    };
    let description = report.description.unwrap_or_default();
    let first: String = description.split(['\n', '.']).next().unwrap_or_default().trim().chars().take(100).collect();
    let usual = category.map_or("Phản ánh, kiến nghị", |category| category.name_vi.as_str());
    let title = if text::lengths(&first).0 < 5 { usual.to_owned() } else { first };
    let picture = report.media_url.map(|url| format!("\n\nHình ảnh: {url}")).unwrap_or_default();
    let form = PetitionForm {
        title: Some(title),
        content: Some(if description.is_empty() { description } else { format!("{description}{picture}") }),
        category: Some(report.service_code),
        area,
        location: Some(LocationForm { latitude: report.latitude, longitude: report.longitude, address: report.address }),
        petitioner: Some(PetitionerForm {
            full_name: report.full_name,
            phone: report.phone,
            email: report.email,
            ..PetitionerForm::default()
        }),
        channel: Some(key.channel),
        ..PetitionForm::default()
    };
    let unused = match report.unknown_attributes.as_slice() {
        [] => None,
        names => Some(format!("Không dùng đến: {}.", names.join(", "))),
    };
    let token = secret(app);
    let name = PartnerPetitionRow {
        partner_id: secret_hash(&token),
        partner: key.partner.clone(),
        petition_id: PetitionId(0),
        body_hash: String::new(),
    };
    let receipt = file_for_partner(app, &form, &name).await?.body;
    Ok(match receipt.status {
        Status::Received => {
            let notice = ["Phản ánh đang chờ phân loại.".to_owned()].into_iter().chain(unused).collect::<Vec<_>>().join(" ");
            json!([{"token": token, "service_notice": notice, "account_id": null}])
        }
        _ => json!([{"service_request_id": receipt.code, "service_notice": unused, "account_id": null}]),
    })
}

/// The commune named in an address, if there is exactly one.
fn commune_named(directory: &Directory, today: NaiveDate, address: &str) -> Option<String> {
    match commune_name::named(directory, today, address).as_slice() {
        [area] => Some(area.code.clone()),
        _ => None,
    }
}

/// Resolves a token; returns the code once an agency has the petition.
pub async fn token(app: &App, token: String) -> Result<Option<Value>, ServiceError> {
    app.db
        .read(move |connection| {
            let Some(id) = partners::petition_of_token(connection, &secret_hash(&token))? else { return Ok(None) };
            let row = state::find(connection, id)?.ok_or(StorageError::Missing)?;
            let code = (row.status != Status::Received).then_some(row.code);
            Ok::<_, ServiceError>(Some(json!([{"service_request_id": code, "token": token}])))
        })
        .await
}

/// Returns published petitions as requests.
///
/// # Errors
/// Dates that cannot be parsed or are too far apart, unknown statuses.
pub async fn requests(app: &App, asked: ServiceRequestFilter) -> Result<Value, ServiceError> {
    let span = span(app.now(), &asked)?;
    for status in &asked.statuses {
        if !matches!(status.as_str(), "open" | "closed") {
            return Err(ServiceError::invalid("status", FieldRule::OneOf(vec!["open".to_owned(), "closed".to_owned()])));
        }
    }
    let app_ = app.clone();
    app.db
        .read_bounded(move |connection: &mut DbConnection| {
            let directory = directory::current(&app_, connection)?;
            let Some(wanted) = wanted(&directory, &asked, span) else { return Ok(json!([])) };
            let lines = publications::between(connection, &wanted, MOST)?;
            let images = if app_.config.publish_images { images(&app_, connection, &lines)? } else { BTreeMap::new() };
            Ok(lines.iter().map(|line| request(&directory, line, images.get(&line.0.petition_id))).collect())
        })
        .await
}

/// Returns the search filter; `None` when only unknown services are given.
fn wanted(directory: &Directory, asked: &ServiceRequestFilter, span: (Instant, Instant)) -> Option<PublicationSelection> {
    if !asked.codes.is_empty() {
        return Some(PublicationSelection::Codes(codes(&asked.codes)));
    }
    let is_named = |category: &&Category| asked.services.contains(&category.code);
    let categories: Vec<CategoryId> = directory.categories().iter().filter(is_named).map(|category| category.id).collect();
    if categories.is_empty() && !asked.services.is_empty() {
        return None;
    }
    let is_asked = |status: &Status| asked.statuses.iter().any(|asked| asked == word(*status));
    let states = if asked.statuses.is_empty() { Vec::new() } else { Status::ALL.iter().copied().filter(is_asked).collect() };
    Some(PublicationSelection::Span(span, categories, states))
}

fn codes(asked: &[String]) -> Vec<String> {
    asked.iter().filter_map(|code| code.parse::<PetitionCode>().ok()).map(|code| code.to_string()).collect()
}

fn span(now: Instant, asked: &ServiceRequestFilter) -> Result<(Instant, Instant), ServiceError> {
    let read = |field: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => {
            let read = moment(text, field == "end_date");
            read.map(Some).ok_or_else(|| ServiceError::invalid(field, FieldRule::Unreadable))
        }
    };
    let (start, end) = (read("start_date", &asked.start)?, read("end_date", &asked.end)?);
    let end = end.unwrap_or_else(|| start.map_or(now, |start| start.plus(Duration::days(MOST_DAYS))));
    let start = start.unwrap_or_else(|| end.plus(-Duration::days(MOST_DAYS)));
    if end < start {
        return Err(ServiceError::invalid("end_date", FieldRule::MustNotBeBefore("start_date".to_owned())));
    }
    if start.plus(Duration::days(MOST_DAYS)) < end {
        let latest = start.plus(Duration::days(MOST_DAYS));
        return Err(ServiceError::invalid("end_date", FieldRule::Between(start.to_rfc3339(), latest.to_rfc3339())));
    }
    Ok((start, end))
}

/// Returns the first publishable image of each petition as a temporary link, as on the public page.
fn images(app: &App, connection: &mut DbConnection, lines: &[Open311Line]) -> Result<BTreeMap<PetitionId, String>, ServiceError> {
    let root = app.config.public_url.as_deref().unwrap_or_default().trim_end_matches('/');
    let mut images = BTreeMap::new();
    let states: BTreeMap<PetitionId, Status> = lines.iter().map(|line| (line.0.petition_id, line.3)).collect();
    let ids: Vec<PetitionId> = states.keys().copied().collect();
    for id in attachments::petitions_with_files(connection, &ids)? {
        let Some(status) = states.get(&id) else { continue };
        let shown = of_petition(app, connection, (id, *status), AttachmentViewer::Public)?;
        if let Some(link) = shown.into_iter().find_map(|image| image.url) {
            images.insert(id, format!("{root}{link}"));
        }
    }
    Ok(images)
}

/// Parses a time; a bare date means its start or its end in Vietnam time, and a space stands for an unencoded plus.
fn moment(text: &str, is_end: bool) -> Option<Instant> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        let beginning = |day: NaiveDate| Instant::from_local(day.and_time(NaiveTime::MIN));
        return if is_end { Some(beginning(day.succ_opt()?).plus(-Duration::microseconds(1))) } else { Some(beginning(day)) };
    }
    let with_plus = match text.rsplit_once(' ') {
        Some((time, offset)) if time.contains('T') => format!("{time}+{offset}"),
        _ => text.to_owned(),
    };
    DateTime::parse_from_rfc3339(&with_plus).ok().map(|time| Instant::from_utc(time.to_utc()))
}

const fn word(status: Status) -> &'static str {
    if status.is_open() { "open" } else { "closed" }
}

fn request(directory: &Directory, line: &Open311Line, image: Option<&String>) -> Value {
    let (row, code, category, status, received_at, due_at, agency) = line;
    let category = directory.category(*category);
    let text = |number: Option<f64>| number.map(|number| number.to_string());
    json!({
        "service_request_id": code,
        "status": word(*status),
        "status_notes": format!("{}. {}", labels::status(*status), row.answer),
        "service_name": category.map(|it| it.name_vi.as_str()),
        "service_code": category.map(|it| it.code.as_str()),
        "description": row.content,
        "agency_responsible": agency.and_then(|id| directory.agency(id)).map(|it| it.name.as_str()),
        "service_notice": null,
        "requested_datetime": received_at,
        "updated_datetime": row.published_at,
        "expected_datetime": due_at,
        "address": null, "address_id": null, "zipcode": null,
        "lat": text(row.latitude),
        "long": text(row.longitude),
        "media_url": image,
    })
}
