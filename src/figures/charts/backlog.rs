//! Chart of the petitions open now, by age and with overdue ones marked; below, the counts per group.

use super::bars::{ChartBar, bars};
use super::frame::{ChartFrame, ChartText, FillStyle, SIZE, no_figures};
use super::numbers;
use super::scope;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::figures::rules::GroupBy;
use crate::figures::statistics;
use crate::figures::statistics::answer::AgeClass;
use crate::figures::statistics::labels::{self, MeasureUnit};
use crate::figures::statistics::parse_query::FigureParams;
use crate::kernel::Lang;

/// Draws the backlog.
///
/// # Errors
/// As for the backlog query.
pub async fn backlog(app: &App, words: FigureParams, group_by: Option<String>, lang: Lang) -> Result<String, ServiceError> {
    let narrowed = statistics::filter_text(app, &words, lang).await?;
    let group = group_by.as_deref().and_then(|word| word.parse().ok()).unwrap_or(GroupBy::None);
    let backlog = statistics::backlog(app, words, group_by, lang).await?;
    let at = numbers::moment(backlog.as_of, lang);
    let mut scope = vec![format!("{} {at}.", lang.pick("Tại thời điểm", "At"))];
    scope.extend(narrowed);
    let ages: Vec<ChartBar> =
        backlog.total.ages.iter().map(|class| row(age(class, lang), class.open, class.overdue, lang)).collect();
    let groups = backlog.groups.iter().map(|group| row(group.name.clone(), group.figures.open, group.figures.overdue, lang));
    let groups: Vec<ChartBar> = groups.collect();
    let all = row(lang.pick("Tất cả", "All").to_owned(), backlog.total.open, backlog.total.overdue, lang);
    let is_empty = backlog.total.open == 0;
    let told = std::iter::once(&all).chain(&ages).chain(&groups).map(|row| format!("{}: {}.", row.name, row.value));
    let telling = ChartText {
        heading: lang.pick("Đang giải quyết, theo số ngày từ khi tiếp nhận", "Open petitions by days since receipt").to_owned(),
        scope,
        figures: if is_empty { vec![format!("{}.", no_figures(lang))] } else { told.collect() },
        notes: vec![
            scope::unit_line(MeasureUnit::Petitions.name(lang), lang),
            match lang {
                Lang::Vi => format!("Số liệu chốt lúc {at}; quy tắc tính {}.", backlog.rule_version),
                Lang::En => format!("As of {at}; rules of counting {}.", backlog.rule_version),
            },
        ],
    };
    let mut frame = ChartFrame::new("backlog", telling, lang);
    if is_empty {
        frame.nothing();
        return Ok(frame.finish());
    }
    frame.line(&format!("{}: {}.", all.name, all.value), SIZE);
    frame
        .legend(&[(FillStyle::Dark, lang.pick("Quá hạn", "Overdue")), (FillStyle::Light, lang.pick("Trong hạn", "Not yet due"))]);
    bars(&mut frame, &ages, backlog.total.ages.iter().map(|class| class.open).max().unwrap_or_default());
    if !groups.is_empty() {
        frame.bottom += 10.0;
        frame.subheading(&format!("{} {}", lang.pick("Theo", "By"), labels::group(group, lang)));
        bars(&mut frame, &groups, backlog.groups.iter().map(|group| group.figures.open).max().unwrap_or_default());
    }
    Ok(frame.finish())
}

fn age(class: &AgeClass, lang: Lang) -> String {
    let days = lang.pick("ngày", "days");
    match class.to_days {
        Some(most) => format!("{}–{most}\u{A0}{days}", class.from_days),
        None => format!(">\u{A0}{}\u{A0}{days}", class.from_days - 1),
    }
}

fn row(name: String, open: i64, overdue: i64, lang: Lang) -> ChartBar {
    let written = numbers::count(open, lang);
    let late = numbers::count(overdue, lang);
    ChartBar {
        rank: String::new(),
        name,
        parts: vec![(FillStyle::Dark, overdue), (FillStyle::Light, open - overdue)],
        value: match lang {
            Lang::Vi => format!("{written} (quá hạn {late})"),
            Lang::En => format!("{written} ({late} overdue)"),
        },
    }
}
