//! Ratings chart: how many petitioners gave 1 to 5 points, optionally compared with an earlier period; below, the mean
//! of each group.

use super::bars::{ChartBar, bars};
use super::frame::{ChartFrame, FillStyle, SIZE, no_figures};
use super::numbers;
use super::scope;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::figures::rules::measure::Measure;
use crate::figures::rules::{FigureValue, Figures, GroupBy};
use crate::figures::statistics::answer::{GroupFigures, PeriodStatement};
use crate::figures::statistics::labels::{self, MeasureUnit};
use crate::figures::statistics::parse_query::FigureParams;
use crate::figures::statistics::{self, SummaryParams};
use crate::kernel::Lang;

const MEASURES: [Measure; 4] = [Measure::Ratings, Measure::Rated, Measure::MeanRating, Measure::ResponseRate];

/// Returns the query for the figures in the chart.
#[must_use]
pub fn ratings_words(words: FigureParams, group_by: Option<String>, compare: Option<String>) -> SummaryParams {
    SummaryParams { words, group_by, measures: Some(MEASURES.map(Measure::as_str).join(",")), compare }
}

/// Draws the ratings of a period.
///
/// # Errors
/// As for the summary query.
pub async fn ratings(app: &App, asked: SummaryParams, lang: Lang) -> Result<String, ServiceError> {
    let narrowed = statistics::filter_text(app, &asked.words, lang).await?;
    let group = asked.group_by.as_deref().and_then(|word| word.parse().ok()).unwrap_or(GroupBy::None);
    let summary = statistics::summary(app, asked, lang).await?;
    let heading = lang.pick("Mức độ hài lòng: số lượt đánh giá theo điểm", "Satisfaction: ratings by points").to_owned();
    let unit = lang.pick("số lượt đánh giá; 1 là thấp nhất, 5 là cao nhất", "ratings; 1 is the lowest, 5 the highest");
    let mut telling = scope::chart_text(heading, &summary.period, narrowed, unit, lang);
    let before = summary.comparison.as_ref();
    let counts = RatingCounts::of(&summary.total);
    let counts_before = before.map(|before| RatingCounts::of(&before.total));
    let is_empty = counts.sum == 0 && counts_before.as_ref().is_none_or(|before| before.sum == 0);
    let now_named = before.map(|_| span(&summary.period, lang));
    let then_named = before.map(|before| span(&before.period, lang));
    let mut rows = rows(&counts, FillStyle::Dark, lang);
    let mut lines = vec![together(&summary.total, now_named.as_deref(), lang)];
    telling.figures.extend(told(&rows, now_named.as_deref()));
    if let (Some(then), Some(counts), Some(name)) = (before, &counts_before, &then_named) {
        let rows_before = self::rows(counts, FillStyle::Hatched, lang);
        telling.figures.extend(told(&rows_before, Some(name)));
        lines.push(together(&then.total, Some(name), lang));
        let earlier = |row: ChartBar| ChartBar { name: lang.pick("trước đó", "before").to_owned(), ..row };
        rows = rows.into_iter().zip(rows_before).flat_map(|(now, then)| [now, earlier(then)]).collect();
    }
    telling.figures.extend(lines.clone());
    let groups: Vec<ChartBar> = summary.groups.iter().map(|group| mean(group, lang)).collect();
    telling.figures.extend(groups.iter().map(|row| format!("{}: {}.", row.name, row.value)));
    if is_empty {
        telling.figures = vec![format!("{}.", no_figures(lang))];
    }
    let mut frame = ChartFrame::new("ratings", telling, lang);
    if is_empty {
        frame.nothing();
        return Ok(frame.finish());
    }
    if let (Some(now), Some(then)) = (&now_named, &then_named) {
        frame.legend(&[(FillStyle::Dark, now), (FillStyle::Hatched, then)]);
    }
    bars(&mut frame, &rows, counts.most().max(counts_before.map_or(0, |before| before.most())));
    lines.iter().for_each(|line| frame.line(line, SIZE));
    if !groups.is_empty() {
        frame.bottom += 10.0;
        let title = format!("{} – {}", labels::measure(Measure::MeanRating, lang), labels::group(group, lang));
        frame.subheading(&title);
        bars(&mut frame, &groups, 500);
    }
    Ok(frame.finish())
}

struct RatingCounts {
    each: [i64; 5],
    sum: i64,
}

impl RatingCounts {
    fn of(figures: &Figures) -> Self {
        let each = match figures.get(Measure::Ratings) {
            Some(FigureValue::Ratings(each)) => each,
            _ => [0; 5],
        };
        Self { each, sum: each.iter().sum() }
    }

    fn most(&self) -> i64 {
        self.each.iter().copied().max().unwrap_or_default()
    }
}

/// The bars, best rating first.
fn rows(counts: &RatingCounts, look: FillStyle, lang: Lang) -> Vec<ChartBar> {
    let row = |(points, count): (i64, &i64)| ChartBar {
        rank: String::new(),
        name: format!("{points}\u{A0}{}", if points == 1 { lang.pick("điểm", "point") } else { lang.pick("điểm", "points") }),
        parts: vec![(look, *count)],
        value: format!("{} ({})", numbers::count(*count, lang), numbers::share(*count, counts.sum, lang)),
    };
    (1_i64..=5).rev().zip(counts.each.iter().rev()).map(row).collect()
}

fn told<'a>(rows: &'a [ChartBar], named: Option<&'a str>) -> impl Iterator<Item = String> + 'a {
    let named = named.map(|named| format!("{named}, ")).unwrap_or_default();
    rows.iter().map(move |row| format!("{named}{}: {}.", row.name, row.value))
}

/// The figures of all ratings together.
fn together(figures: &Figures, named: Option<&str>, lang: Lang) -> String {
    let of = |measure| numbers::with_unit(figures.get(measure), labels::unit(measure), lang);
    let named = named.map(|named| format!("{named}: ")).unwrap_or_default();
    let (rated, mean, rate) =
        (of(Measure::Rated), numbers::bare(figures.get(Measure::MeanRating), lang), of(Measure::ResponseRate));
    if figures.get(Measure::Rated) == Some(FigureValue::Count(0)) {
        return format!("{named}{}", lang.pick("không có lượt đánh giá nào.", "nobody has rated."));
    }
    match lang {
        Lang::Vi => format!("{named}Điểm trung bình {mean}; {rated} lượt đánh giá, bằng {rate} số đã xử lý."),
        Lang::En => format!("{named}Mean rating {mean}; {rated} rated, {rate} of those handled."),
    }
}

fn mean(group: &GroupFigures, lang: Lang) -> ChartBar {
    let value = group.figures.get(Measure::MeanRating);
    let rated = numbers::bare(group.figures.get(Measure::Rated), lang);
    ChartBar {
        rank: String::new(),
        name: group.name.clone(),
        parts: vec![(FillStyle::Light, value.and_then(FigureValue::as_number).unwrap_or_default())],
        value: match lang {
            Lang::Vi => format!("{} ({rated} lượt)", numbers::with_unit(value, MeasureUnit::Petitions, lang)),
            Lang::En => format!("{} ({rated} rated)", numbers::with_unit(value, MeasureUnit::Petitions, lang)),
        },
    }
}

fn span(period: &PeriodStatement, lang: Lang) -> String {
    format!("{} – {}", numbers::day(period.from, lang), numbers::day(period.to, lang))
}
