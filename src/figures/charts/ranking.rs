//! Ranking chart: bars in rank order. Equal values share a rank; the number of groups without rank is noted below.

use super::bars::{ChartBar, bars};
use super::frame::{ChartFrame, FillStyle, no_figures};
use super::numbers;
use super::scope;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::figures::rules::measure::Measure;
use crate::figures::rules::{FigureValue, GroupBy, Order};
use crate::figures::statistics::answer::{Ranked, Ranking};
use crate::figures::statistics::labels::{self, MeasureUnit};
use crate::figures::statistics::{self, RankingParams};
use crate::kernel::Lang;

/// Draws a ranking.
///
/// # Errors
/// As for the ranking query.
pub async fn ranking(app: &App, asked: RankingParams, lang: Lang) -> Result<String, ServiceError> {
    let narrowed = statistics::filter_text(app, &asked.words, lang).await?;
    let group_by = asked.group_by.as_deref().and_then(|word| word.parse().ok()).unwrap_or(GroupBy::Agency);
    let order = asked.order.as_deref().and_then(|word| word.parse().ok()).unwrap_or(Order::Best);
    let ranking = statistics::ranking(app, asked, lang).await?;
    let unit = labels::unit(ranking.measure);
    let mut telling =
        scope::chart_text(heading(&ranking, group_by, order, lang), &ranking.period, narrowed, unit.name(lang), lang);
    let rows: Vec<ChartBar> = ranking.items.iter().map(|item| row(item, ranking.measure, lang)).collect();
    telling.figures = rows.iter().map(|row| format!("{} {}: {}.", row.rank, row.name, row.value)).collect();
    if rows.is_empty() {
        telling.figures.push(format!("{}.", no_figures(lang)));
    }
    telling.notes.extend(left_off(&ranking, group_by, lang));
    telling.notes.extend(apart(&ranking, group_by, lang));
    telling.notes.extend(ranking.compared_with.as_ref().map(|then| {
        let (from, to) = (numbers::day(then.from, lang), numbers::day(then.to, lang));
        format!("{}: {from} – {to}.", lang.pick("Kỳ so sánh", "Compared with"))
    }));
    let mut frame = ChartFrame::new("ranking", telling, lang);
    if rows.is_empty() {
        frame.nothing();
    } else {
        let most = ranking.items.iter().filter_map(|item| size(item, ranking.measure)).max().unwrap_or_default();
        let full = match unit {
            MeasureUnit::Percent => 10_000,
            MeasureUnit::Score => 500,
            _ => most,
        };
        bars(&mut frame, &rows, full);
    }
    Ok(frame.finish())
}

fn heading(ranking: &Ranking, group_by: GroupBy, order: Order, lang: Lang) -> String {
    let measure = labels::measure(ranking.measure, lang).to_lowercase();
    let groups = labels::group(group_by, lang);
    let is_rising = ranking.less_is_better == (order == Order::Best);
    let end = match (labels::unit(ranking.measure), order) {
        (MeasureUnit::Petitions | MeasureUnit::Times, _) if is_rising => lang.pick("ít\u{A0}nhất\u{A0}trước", "fewest first"),
        (MeasureUnit::Petitions | MeasureUnit::Times, _) => lang.pick("nhiều\u{A0}nhất\u{A0}trước", "most first"),
        (_, Order::Best) => lang.pick("tốt\u{A0}nhất\u{A0}trước", "best first"),
        (_, Order::Worst) => lang.pick("kém\u{A0}nhất\u{A0}trước", "worst first"),
    };
    match lang {
        Lang::Vi => format!("Xếp hạng {groups} theo {measure} ({end})"),
        Lang::En => format!("Ranking of {groups} by {measure} ({end})"),
    }
}

fn size(item: &Ranked, measure: Measure) -> Option<i64> {
    item.group.figures.get(measure).and_then(FigureValue::as_number)
}

fn row(item: &Ranked, measure: Measure, lang: Lang) -> ChartBar {
    let value = numbers::with_unit(item.group.figures.get(measure), labels::unit(measure), lang);
    let before = item.previous_rank.map(|before| match lang {
        Lang::Vi => format!("{value} (kỳ trước: hạng {before})"),
        Lang::En => format!("{value} (before: rank {before})"),
    });
    ChartBar {
        rank: format!("{}.", item.rank),
        name: item.group.name.clone(),
        parts: vec![(FillStyle::Dark, size(item, measure).unwrap_or_default())],
        value: before.unwrap_or(value),
    }
}

fn apart(ranking: &Ranking, group_by: GroupBy, lang: Lang) -> Option<String> {
    let (count, least) = (ranking.apart.len(), ranking.min_received);
    let groups = labels::group(group_by, lang);
    (count > 0).then(|| match lang {
        Lang::Vi => format!(
            "Không xếp hạng: {count} {groups} (tiếp nhận hoặc cơ sở tính dưới {least}, không có số liệu hoặc không cùng loại)."
        ),
        Lang::En => {
            format!("Not ranked: {count} {groups} (fewer than {least} received or counted, no figure, or of another kind).")
        }
    })
}

/// The note that groups were left out, so that a top-five chart is not mistaken for the complete list.
fn left_off(ranking: &Ranking, group_by: GroupBy, lang: Lang) -> Option<String> {
    let (count, groups) = (ranking.left_off, labels::group(group_by, lang));
    (count > 0).then(|| match lang {
        Lang::Vi => format!("Xếp hạng sau, không vẽ ở đây: {count} {groups}."),
        Lang::En => format!("Ranked behind these and not drawn: {count} {groups}."),
    })
}
