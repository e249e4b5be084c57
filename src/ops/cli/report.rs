//! `pakn report`: writes a report to a file. Operators may read all figures.

use crate::app::App;
use crate::figures::reports::{ReportFormat, ReportName, ReportParams, report};
use crate::figures::statistics::parse_query::FigureParams;
use anyhow::{Context, anyhow};
use std::path::PathBuf;

/// Writes a report as CSV or XLSX.
#[derive(Debug, clap::Args)]
pub(super) struct ReportArgs {
    /// register, summary-by-agency, summary-by-category, summary-by-channel, summary-by-district, ii06a, ranking or list.
    name: String,
    /// 2023, 2024-Q1, 2024-03, 2024-W12, ttcp-2024; for the register days of one year.
    #[arg(long)]
    period: Option<String>,
    /// First day instead of a period by name, with --to.
    #[arg(long)]
    from: Option<String>,
    /// Last day.
    #[arg(long)]
    to: Option<String>,
    /// The cut-off, an instant or the end of a day.
    #[arg(long)]
    as_of: Option<String>,
    /// Code of one agency; the register needs one.
    #[arg(long)]
    agency: Option<String>,
    /// Code of one district.
    #[arg(long)]
    district: Option<String>,
    /// Code of one category.
    #[arg(long)]
    category: Option<String>,
    /// Figures from before a reform under agencies `as_was` or of `today`.
    #[arg(long)]
    agencies: Option<String>,
    /// Of a list or ranking: one channel.
    #[arg(long)]
    channel: Option<String>,
    /// Of a list or ranking: citizen or business.
    #[arg(long)]
    petitioner_kind: Option<String>,
    /// Of a list or ranking: province, district or commune.
    #[arg(long)]
    level: Option<String>,
    /// Of a list or ranking: normal, urgent or complex.
    #[arg(long)]
    urgency: Option<String>,
    /// Of a list, which needs it: the figure, any measure that counts petitions, such as `handled_late`.
    #[arg(long)]
    bucket: Option<String>,
    /// Of a ranking: the measure, `handling_rate` when it is left out.
    #[arg(long)]
    measure: Option<String>,
    /// Of a ranking: `agency`, `district`, `level`, `category`, `channel` …; of ii06a: `agency` or `category`.
    #[arg(long)]
    group_by: Option<String>,
    /// csv or xlsx; without it the ending of the file decides, and XLSX where that is neither.
    #[arg(long)]
    format: Option<String>,
    /// The file; one that exists is replaced.
    #[arg(long)]
    output: PathBuf,
}

impl ReportArgs {
    fn format(&self) -> anyhow::Result<ReportFormat> {
        match &self.format {
            Some(word) => word.parse().map_err(|_| anyhow!("a report is written as csv or xlsx")),
            None => {
                let ending = self.output.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
                Ok(ending.to_lowercase().parse().unwrap_or(ReportFormat::Xlsx))
            }
        }
    }

    /// Writes the report file.
    pub async fn run(self, app: &App) -> anyhow::Result<()> {
        let name: ReportName = self.name.parse().map_err(|_| anyhow!("there is no report {}; {}", self.name, known()))?;
        let format = self.format()?;
        let Self {
            period, from, to, as_of, agency, district, category, agencies, channel, petitioner_kind, level, urgency, ..
        } = self;
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
        let asked = ReportParams { words, bucket: self.bucket, measure: self.measure, group_by: self.group_by };
        let bytes = report(app, None, name, format, asked).await.map_err(super::account::refused)?;
        std::fs::write(&self.output, bytes).with_context(|| format!("cannot write {}", self.output.display()))?;
        outln!("wrote {}", self.output.display());
        Ok(())
    }
}

fn known() -> String {
    let names: Vec<&str> = ReportName::ALL.iter().map(|name| name.as_str()).collect();
    format!("there are {}", names.join(", "))
}
