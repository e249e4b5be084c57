//! `GET /documents/register` as JSON, CSV and XLSX: the register of the officer's agency.

use crate::accounts::access::Officer;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::figures::http::reports::download;
use crate::figures::reports::register::register;
use crate::figures::reports::{ReportFormat, csv, xlsx};
use crate::petitions::documents::register::{RegisterEntry, page};
use crate::web::Problem;
use crate::web::extract::{ItemPage, ListQuery, PageParameters, Query};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use chrono::Datelike;
use pakn_route::get;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which register.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RegisterFilter {
    /// The year; the present one when absent.
    year: Option<i32>,
}

/// The register of the caller's agency, in the order of its numbers.
#[utoipa::path(
    tag = "documents",
    params(PageParameters, RegisterFilter),
    responses((status = 200, description = "A page", body = ItemPage<RegisterEntry>))
)]
#[get("/documents/register")]
pub async fn read_register(
    signed: Authorized<Officer>,
    app: Data<App>,
    query: ListQuery<RegisterFilter>,
) -> Result<Json<ItemPage<RegisterEntry>>, Problem> {
    let after: Option<i64> = query.page.after("register")?;
    let (items, next) = page(&app, &signed.actor, query.filter.year, after.unwrap_or(0), query.page.limit).await?;
    Ok(Json(query.page.answer("register", items, next.as_ref())))
}

/// The whole register as CSV with BOM.
#[utoipa::path(
    tag = "documents",
    params(RegisterFilter),
    responses((status = 200, description = "Ten columns", content_type = "text/csv", body = String))
)]
#[get("/documents/register.csv")]
pub async fn read_register_csv(
    signed: Authorized<Officer>,
    app: Data<App>,
    query: Query<RegisterFilter>,
) -> Result<HttpResponse, Problem> {
    let year = query.0.year.unwrap_or_else(|| app.now().local_date().year());
    let sheet = register(&app.for_staff(), &signed.actor, year).await?;
    Ok(download(ReportFormat::Csv, format!("so-van-ban-den-{year}.csv"), csv::write(&sheet)?))
}

/// The whole register as XLSX, to be printed on A4.
#[utoipa::path(
    tag = "documents",
    params(RegisterFilter),
    responses((status = 200, description = "Ten columns",
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>))
)]
#[get("/documents/register.xlsx")]
pub async fn read_register_xlsx(
    signed: Authorized<Officer>,
    app: Data<App>,
    query: Query<RegisterFilter>,
) -> Result<HttpResponse, Problem> {
    let year = query.0.year.unwrap_or_else(|| app.now().local_date().year());
    let sheet = register(&app.for_staff(), &signed.actor, year).await?;
    Ok(download(ReportFormat::Xlsx, format!("so-van-ban-den-{year}.xlsx"), xlsx::write(&sheet)?))
}
