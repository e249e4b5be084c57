//! Printable tables: one table model, written as CSV or XLSX.
//!
//! Takes a report name and a period; returns a [`sheet::ReportSheet`]. Layout is decided in the writers only. Leaders
//! get the reports of their own agency; reviewers and coordinators those of the province.

pub mod csv;
mod figures;
mod ii06a;
mod list;
pub mod register;
pub mod sheet;
pub mod xlsx;

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::area::Level;
use crate::figures::rules::GroupBy;
use crate::figures::statistics::answer::PeriodStatement;
use crate::figures::statistics::parse_query::FigureParams;
use crate::figures::statistics::{self, RankingParams, SummaryParams};
use crate::kernel::Lang;
use crate::kernel::account::{Actor, Role};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use sheet::ReportSheet;

text_enum! {
    /// The available reports.
    ReportName {
        /// The register of one agency.
        Register = "register",
        SummaryByAgency = "summary-by-agency",
        SummaryByCategory = "summary-by-category",
        /// Each district with all its agencies.
        SummaryByDistrict = "summary-by-district",
        SummaryByChannel = "summary-by-channel",
        /// Biểu II.06a/VPCP/KSTT.
        Ii06a = "ii06a",
        /// Agencies or other groups by a measure; by handling rate as default.
        Ranking = "ranking",
        /// The petitions behind a figure.
        List = "list",
    }
}

text_enum! {
    /// The file format of a report.
    ReportFormat {
        /// With BOM, for Excel in Việt Nam.
        Csv = "csv",
        /// For printing on A4.
        Xlsx = "xlsx",
    }
}

impl ReportFormat {
    /// Returns the media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// The parameters of a report, as strings from the request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReportParams {
    /// The period and filter.
    pub words: FigureParams,
    /// The figure, for a list.
    pub bucket: Option<String>,
    /// The measure, for a ranking.
    pub measure: Option<String>,
    /// What to rank, for a ranking; `agency` or `category` for `ii06a`.
    pub group_by: Option<String>,
}

impl ReportParams {
    /// The given parameters that this report does not support.
    fn unfit(&self, name: ReportName) -> impl Iterator<Item = &'static str> {
        let FigureParams { as_of, district, channel, petitioner_kind, level, urgency, agencies, .. } = &self.words;
        let (is_list, is_ranking) = (name == ReportName::List, name == ReportName::Ranking);
        let is_of_figures = name != ReportName::Register;
        let narrows = is_list || is_ranking;
        let fits = [
            ("as_of", as_of.is_some(), is_of_figures),
            ("district", district.is_some(), is_of_figures),
            ("agencies", agencies.is_some(), is_of_figures),
            ("bucket", self.bucket.is_some(), is_list),
            ("measure", self.measure.is_some(), is_ranking),
            ("group_by", self.group_by.is_some(), is_ranking || name == ReportName::Ii06a),
            ("channel", channel.is_some(), narrows),
            ("petitioner_kind", petitioner_kind.is_some(), narrows),
            ("level", level.is_some(), narrows),
            ("urgency", urgency.is_some(), narrows),
        ];
        fits.into_iter().filter(|(_, is_given, is_fit)| *is_given && !is_fit).map(|(field, ..)| field)
    }

    /// Returns the download file name. It contains period and filter, which the rows of a CSV do not.
    #[must_use]
    pub fn file_name(&self, name: ReportName, format: ReportFormat) -> String {
        let FigureParams {
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
        } = &self.words;
        let days = from.as_ref().zip(to.as_ref()).map(|(from, to)| format!("{from}_{to}"));
        let until = as_of.as_ref().map(|at| format!("as-of-{}", at.replace(':', "")));
        let parts = [period, &days, &until, agency, district, category, channel, petitioner_kind, level, urgency, agencies];
        let asked = [&self.group_by, &self.measure, &self.bucket];
        let words = std::iter::once(name.as_str()).chain(parts.into_iter().chain(asked).flatten().map(String::as_str));
        let words: Vec<String> = words.map(|word| word.replace(|sign: char| !is_plain(sign), "_")).collect();
        format!("{}.{format}", words.join("-"))
    }
}

/// Whether a character is allowed in file names on every system.
const fn is_plain(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.')
}

/// Creates a report in its format.
///
/// # Errors
/// `Invalid` names every invalid parameter; [`ErrorCode::RoleMissing`] for a leader who requests another agency.
pub async fn report(
    app: &App,
    reader: Option<&Actor>,
    name: ReportName,
    format: ReportFormat,
    asked: ReportParams,
) -> Result<Vec<u8>, ServiceError> {
    let mut problems = FieldProblems::default();
    asked.unfit(name).for_each(|field| problems.add(field, FieldRule::NotAllowed));
    problems.finish()?;
    let words = within(app, reader, asked.words).await?;
    let narrowed = match name {
        // The agency is already in the heading.
        ReportName::Register => statistics::filter_text(app, &FigureParams { agency: None, ..words.clone() }, Lang::Vi).await?,
        _ => statistics::filter_text(app, &words, Lang::Vi).await?,
    };
    let mut sheet = table(app, reader, name, ReportParams { words, ..asked }).await?;
    // Filtered figures must not be mistaken for the complete ones.
    if !narrowed.is_empty() {
        sheet.period = format!("{}. {}", sheet.period, narrowed.join(" "));
    }
    match format {
        ReportFormat::Csv => csv::write(&sheet),
        ReportFormat::Xlsx => xlsx::write(&sheet),
    }
}

async fn table(app: &App, reader: Option<&Actor>, name: ReportName, asked: ReportParams) -> Result<ReportSheet, ServiceError> {
    let ReportParams { words, bucket, measure, group_by } = asked;
    let organ = organ(app, &words).await?;
    let by = |group_by: &str| SummaryParams {
        words: words.clone(),
        group_by: Some(group_by.to_owned()),
        measures: Some(figures::summary_measures()),
        compare: None,
    };
    Ok(match name {
        ReportName::List => return list::list(app, reader, organ, words, bucket).await,
        ReportName::Register => return register::of_words(app, words).await,
        ReportName::SummaryByAgency => {
            figures::summary(organ, "Đơn vị", &statistics::summary(app, by("agency"), Lang::Vi).await?)
        }
        ReportName::SummaryByCategory => {
            figures::summary(organ, "Lĩnh vực", &statistics::summary(app, by("category"), Lang::Vi).await?)
        }
        ReportName::SummaryByDistrict => {
            figures::summary(organ, "Địa bàn", &statistics::summary(app, by("district"), Lang::Vi).await?)
        }
        ReportName::SummaryByChannel => {
            figures::summary(organ, "Kênh tiếp nhận", &statistics::summary(app, by("channel"), Lang::Vi).await?)
        }
        ReportName::Ii06a => {
            let parties = ReportParties { receives: receiver(app, &words).await?, reports: organ };
            ii06a::sheet(parties, &statistics::handling_form(app, words, group_by).await?)
        }
        ReportName::Ranking => {
            let (limit, compare) = (Some("300".to_owned()), Some("previous".to_owned()));
            let of = group_by.as_deref().and_then(|word| word.parse().ok()).unwrap_or(GroupBy::Agency);
            let asked = RankingParams { words, measure, group_by, limit, compare, ..RankingParams::default() };
            figures::ranking(organ, of, &statistics::ranking(app, asked, Lang::Vi).await?)
        }
    })
}

/// Restricts a leader's request to the leader's agency.
async fn within(app: &App, reader: Option<&Actor>, mut words: FigureParams) -> Result<FigureParams, ServiceError> {
    let Some(actor) = reader else { return Ok(words) };
    if actor.roles.iter().any(|role| matches!(role, Role::Reviewer | Role::Coordinator)) {
        return Ok(words);
    }
    let own = actor.agency_id.ok_or(ErrorCode::RoleMissing)?;
    let directory = directory::snapshot(app).await?;
    let code = directory.agency(own).map(|agency| agency.code.clone()).ok_or(ErrorCode::RoleMissing)?;
    if words.agency.as_ref().is_some_and(|asked| *asked != code) {
        return Err(ErrorCode::RoleMissing.into());
    }
    words.agency = Some(code);
    Ok(words)
}

/// The name of the reporting body: the requested agency or the province.
async fn organ(app: &App, words: &FigureParams) -> Result<String, ServiceError> {
    let directory = directory::snapshot(app).await?;
    let agency = words.agency.as_deref().and_then(|code| directory.agencies_of_code(code).last());
    let today = app.now().local_date();
    let province = || directory.areas().iter().find(|area| area.level() == Level::Province && area.validity.covers(today));
    Ok(match agency {
        Some(agency) => agency.name.clone(),
        None => province().map(|area| format!("Ủy ban nhân dân {}", area.name)).unwrap_or_default(),
    })
}

/// The reporting and the receiving body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportParties {
    /// Đơn vị báo cáo.
    pub reports: String,
    /// Đơn vị nhận báo cáo.
    pub receives: String,
}

/// The receiving body: the Government Office for the province, otherwise the superior body.
async fn receiver(app: &App, words: &FigureParams) -> Result<String, ServiceError> {
    let Some(code) = words.agency.as_deref() else {
        return Ok("Văn phòng Chính phủ (Cục Kiểm soát thủ tục hành chính)".to_owned());
    };
    let directory = directory::snapshot(app).await?;
    let above = directory.agencies_of_code(code).last().and_then(|agency| directory.agency(agency.parent_id?));
    match above {
        Some(above) => Ok(above.name.clone()),
        None => organ(app, &FigureParams::default()).await,
    }
}

fn period_line(period: &PeriodStatement) -> String {
    format!("Từ ngày {} đến ngày {}", sheet::written(period.from), sheet::written(period.to))
}

fn notes(period: &PeriodStatement) -> Vec<String> {
    let at = period.as_of.local();
    vec![format!("Số liệu chốt lúc {}; quy tắc tính {}.", at.format("%H:%M ngày %d/%m/%Y"), period.rule_version)]
}
