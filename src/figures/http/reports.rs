//! `GET /reports/{name}.{csv,xlsx}`: figures and registers as printable tables.

use crate::accounts::access::ReportReader;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::figures::reports::{ReportFormat, ReportName, ReportParams, report};
use crate::figures::statistics::parse_query::FigureParams;
use crate::web::HandlerResult;
use crate::web::extract::Query;
use actix_web::HttpResponse;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::web::{Data, Path};
use pakn_route::get;
use serde::Deserialize;
use utoipa::IntoParams;

/// What a report is about.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// A period by name: `2023`, `2024-Q1`, `2024-03`, `2024-W12`, `ttcp-2024`; for a register the days of arrival, within one year.
    period: Option<String>,
    /// First day instead of a name, with `to`.
    from: Option<String>,
    /// Last day.
    to: Option<String>,
    /// The cut-off, an instant or the end of a day; not of a register.
    as_of: Option<String>,
    /// Only this agency; a register needs one. Leaders get their own without naming it.
    agency: Option<String>,
    /// Only this district; not of a register.
    district: Option<String>,
    /// Only this category.
    category: Option<String>,
    /// Under which agencies figures from before a reform are shown: `as_was` (the default) or `today`; not
    /// of a register.
    agencies: Option<String>,
    /// Of a list, which needs it: the figure, any measure that counts petitions, such as `handled_late`.
    bucket: Option<String>,
    /// Of a ranking: the measure, `handling_rate` when it is left out.
    measure: Option<String>,
    /// Of a ranking: as for a summary, `none` apart; `agency` when it is left out. Of `ii06a`: `agency` or `category`.
    group_by: Option<String>,
    /// Of a list or ranking: only this channel.
    channel: Option<String>,
    /// Of a list or ranking: only this petitioner kind.
    petitioner_kind: Option<String>,
    /// Of a list or ranking: only agencies of this level.
    level: Option<String>,
    /// Of a list or ranking: only this urgency.
    urgency: Option<String>,
}

impl ReportQuery {
    fn words(self) -> ReportParams {
        let Self { period, from, to, as_of, agency, district, category, agencies, bucket, .. } = self;
        let Self { channel, petitioner_kind, level, urgency, measure, group_by, .. } = self;
        let words = FigureParams {
            period,
            from,
            to,
            as_of,
            agency,
            district,
            category,
            channel,
            petitioner_kind,
            level,
            urgency,
            agencies,
        };
        ReportParams { words, bucket, measure, group_by }
    }
}

/// A report, for leaders that of their own agency.
#[utoipa::path(
    tag = "statistics",
    params(
        ("name" = inline(ReportName), Path, description = "The report"),
        ("format" = inline(ReportFormat), Path, description = "How it is written"),
        ReportQuery
    ),
    responses((status = 200, description = "The file", content(
        (String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    )))
)]
#[get("/reports/{name}.{format}")]
pub async fn read_report(
    signed: Authorized<ReportReader>,
    app: Data<App>,
    file: Path<(String, String)>,
    query: Query<ReportQuery>,
) -> HandlerResult {
    let (name, format) = file.into_inner();
    let name: ReportName = name.parse().map_err(|rule| ServiceError::invalid("name", rule))?;
    let format: ReportFormat = format.parse().map_err(|rule| ServiceError::invalid("format", rule))?;
    let asked = query.0.words();
    let saved_as = asked.file_name(name, format);
    Ok(download(format, saved_as, report(&app.for_staff(), Some(&signed.actor), name, format, asked).await?))
}

/// Returns a download response with this file name.
pub(super) fn download(format: ReportFormat, name: String, bytes: Vec<u8>) -> HttpResponse {
    let disposition =
        ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![DispositionParam::Filename(name)] };
    HttpResponse::Ok().content_type(format.media_type()).insert_header(disposition).body(bytes)
}
