//! `/admin/calendar`: days off, make-up days and working sessions. Every change recomputes the deadlines of open
//! petitions.
//!
//! `If-Match` takes the version of the whole calendar, because a deadline depends on all of it.

use crate::accounts::access::Admin;
use crate::accounts::http::extract::Authorized;
use crate::accounts::http::responses::{created, key};
use crate::app::App;
use crate::audit::AuditActor;
use crate::directory::areas::End;
use crate::directory::calendar::{
    self, CalendarRecord, DayEntry, DayRecord, NewSession, SessionChanges, SessionRecord, YearRecord, years,
};
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::WorkingSessionId;
use crate::web::extract::{IfMatch, JsonBody, Query, RepeatableBody};
use crate::web::{HandlerResult, Problem};
use actix_web::HttpResponse;
use actix_web::http::header::ETAG;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use pakn_route::{get, patch, post, put};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which part of the calendar.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CalendarQuery {
    /// First day; the beginning of the year unless said otherwise.
    from: Option<NaiveDate>,
    /// Last day; the end of the year unless said otherwise.
    to: Option<NaiveDate>,
}

/// Days off and make-up days between two days, every session, and the version of the calendar.
#[utoipa::path(
    tag = "admin",
    params(CalendarQuery),
    responses((status = 200, description = "The calendar", body = CalendarRecord))
)]
#[get("/admin/calendar")]
pub async fn read_calendar(app: Data<App>, _by: Authorized<Admin>, Query(query): Query<CalendarQuery>) -> HandlerResult {
    let record = calendar::read(&app, query.from, query.to).await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, format!("\"{}\"", record.version))).json(record))
}

/// Says what a day is, in place of what the calendar said of it before.
#[utoipa::path(
    tag = "admin",
    request_body = DayEntry,
    params(("If-Match" = Option<String>, Header, description = "The version of the calendar that was read, as `\"3\"`")),
    responses((status = 200, description = "The day as it now stands", body = DayRecord))
)]
#[put("/admin/calendar/days/{date}")]
pub async fn put_calendar_day(
    app: Data<App>,
    by: Authorized<Admin>,
    date: Path<String>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<DayEntry>,
) -> HandlerResult {
    let day = calendar::put_day(&app, &AuditActor::account(&by.actor), day_of(&date)?, body, version.map(i64::from)).await?;
    Ok(HttpResponse::Ok().json(day))
}

/// Takes a day out of the calendar, so that it is as its weekday would have it.
#[utoipa::path(
    tag = "admin",
    params(("If-Match" = Option<String>, Header, description = "The version of the calendar that was read, as `\"3\"`")),
    responses((status = 204, description = "Taken out"))
)]
#[post("/admin/calendar/days/{date}/remove")]
pub async fn remove_calendar_day(
    app: Data<App>,
    by: Authorized<Admin>,
    date: Path<String>,
    IfMatch(version): IfMatch,
) -> HandlerResult {
    calendar::remove_day(&app, &AuditActor::account(&by.actor), day_of(&date)?, version.map(i64::from)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Confirms that the days off, make-up days and swaps of a year are decided: days off by law that counted so far are written down as
/// official, and from then on the calendar alone says what its days are. Open petitions are computed anew.
#[utoipa::path(
    tag = "admin",
    params(("If-Match" = Option<String>, Header, description = "The version of the calendar that was read, as `\"3\"`")),
    responses((status = 200, description = "The year as it now stands", body = YearRecord))
)]
#[post("/admin/calendar/years/{year}/confirm")]
pub async fn confirm_calendar_year(
    app: Data<App>,
    by: Authorized<Admin>,
    year: Path<String>,
    IfMatch(version): IfMatch,
) -> HandlerResult {
    let year = year.parse().map_err(|_| Problem::invalid_field("year", FieldRule::Malformed("2027")))?;
    let record = years::confirm(&app, &AuditActor::account(&by.actor), year, version.map(i64::from)).await?;
    Ok(HttpResponse::Ok().json(record))
}

fn day_of(text: &str) -> Result<NaiveDate, Problem> {
    text.parse().map_err(|_| Problem::invalid_field("date", FieldRule::Malformed("2026-09-02")))
}

/// Makes a working session.
#[utoipa::path(
    tag = "admin",
    request_body = NewSession,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request again")),
    responses((status = 201, description = "Made", body = SessionRecord, headers(("Location" = String))))
)]
#[post("/admin/calendar/sessions")]
pub async fn create_working_session(app: Data<App>, by: Authorized<Admin>, body: RepeatableBody<NewSession>) -> HandlerResult {
    let key = key(&by.actor, "create_working_session", &body);
    let record = calendar::create_session(&app, &AuditActor::account(&by.actor), body.value, key).await?;
    Ok(created("calendar/sessions", record.id, None, &record))
}

/// One working session.
#[utoipa::path(tag = "admin", responses((status = 200, description = "The session", body = SessionRecord)))]
#[get("/admin/calendar/sessions/{id}")]
pub async fn read_working_session(app: Data<App>, _by: Authorized<Admin>, id: Path<WorkingSessionId>) -> HandlerResult {
    Ok(HttpResponse::Ok().json(calendar::read_session(&app, id.into_inner()).await?))
}

/// Changes the hours of a working session, on all its days.
#[utoipa::path(
    tag = "admin",
    request_body = SessionChanges,
    params(("If-Match" = Option<String>, Header, description = "The version of the calendar that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = SessionRecord))
)]
#[patch("/admin/calendar/sessions/{id}")]
pub async fn change_working_session(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<WorkingSessionId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<SessionChanges>,
) -> HandlerResult {
    let record =
        calendar::amend_session(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version.map(i64::from)).await?;
    Ok(HttpResponse::Ok().json(record))
}

/// Ends a working session; `on` is its last day in force.
#[utoipa::path(
    tag = "admin",
    request_body = End,
    params(("If-Match" = Option<String>, Header, description = "The version of the calendar that was read, as `\"3\"`")),
    responses((status = 200, description = "As it now stands", body = SessionRecord))
)]
#[post("/admin/calendar/sessions/{id}/end")]
pub async fn end_working_session(
    app: Data<App>,
    by: Authorized<Admin>,
    id: Path<WorkingSessionId>,
    IfMatch(version): IfMatch,
    JsonBody(body): JsonBody<End>,
) -> HandlerResult {
    let record =
        calendar::end_session(&app, &AuditActor::account(&by.actor), id.into_inner(), body, version.map(i64::from)).await?;
    Ok(HttpResponse::Ok().json(record))
}
