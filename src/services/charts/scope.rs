//! Which petitions a chart is about, in words: a chart of one agency must not be taken for that of the province.

use super::frame::Telling;
use super::numbers;
use crate::app::App;
use crate::domain::Lang;
use crate::domain::directory::Directory;
use crate::domain::statistics::AgenciesAs;
use crate::services::directory;
use crate::services::error::ServiceError;
use crate::services::statistics::answer::PeriodStatement;
use crate::services::statistics::ask::{COORDINATION_KEY, Words};
use crate::services::statistics::names;

/// Says what narrows the figures.
///
/// # Errors
/// Only those of the database.
pub async fn narrowed(app: &App, words: &Words, lang: Lang) -> Result<Vec<String>, ServiceError> {
    let directory = directory::snapshot(app).await?;
    let said = |label: (&str, &str), name: Option<String>| name.map(|name| format!("{}: {name}.", lang.pick(label.0, label.1)));
    let word = |word: &Option<String>| word.as_deref().map(|word| names::of_word(word, lang));
    let category = words.category.as_deref().and_then(|code| {
        let known = directory.categories().iter().rfind(|category| category.code == code);
        known.map(|category| category.name(lang).to_owned())
    });
    let lines = [
        said(("Đơn vị", "Agency"), words.agency.as_deref().map(|code| agency(&directory, code, lang))),
        said(("Địa bàn", "District"), words.district.as_deref().map(|code| district(&directory, code, lang))),
        said(("Cấp", "Level"), word(&words.level)),
        said(("Lĩnh vực", "Category"), category),
        said(("Kênh tiếp nhận", "Channel"), word(&words.channel)),
        said(("Đối tượng gửi", "Petitioners"), word(&words.petitioner_kind)),
        said(("Mức độ", "Urgency"), word(&words.urgency)),
    ];
    let mut lines: Vec<String> = lines.into_iter().flatten().collect();
    if words.agencies.as_deref() == Some(AgenciesAs::Today.as_str()) {
        lines.push(lang.pick("Tính theo đơn vị hiện nay.", "Under the agencies of today.").to_owned());
    }
    Ok(lines)
}

fn agency(directory: &Directory, code: &str, lang: Lang) -> String {
    let found = directory.agencies_of_code(code).last().map(|agency| agency.name.clone());
    found.unwrap_or_else(|| other(code, lang))
}

fn district(directory: &Directory, code: &str, lang: Lang) -> String {
    let found = directory.areas().iter().rfind(|area| area.code == code).map(|area| area.name.clone());
    found.unwrap_or_else(|| other(code, lang))
}

fn other(code: &str, lang: Lang) -> String {
    let desk = lang.pick("Bộ phận điều phối", "Coordinator's desk");
    if code == COORDINATION_KEY { desk } else { code }.to_owned()
}

/// The words around the figures of a period.
#[must_use]
pub fn telling(heading: String, period: &PeriodStatement, narrowed: Vec<String>, unit: &str, lang: Lang) -> Telling {
    let (from, to) = (numbers::day(period.from, lang), numbers::day(period.to, lang));
    let days = match lang {
        Lang::Vi => format!("Từ ngày {from} đến ngày {to}."),
        Lang::En => format!("From {from} to {to}."),
    };
    let at = numbers::moment(period.as_of, lang);
    let counted = match lang {
        Lang::Vi => format!("Số liệu chốt lúc {at}; quy tắc tính {}.", period.rule_version),
        Lang::En => format!("As of {at}; rules of counting {}.", period.rule_version),
    };
    let mut scope = vec![days];
    scope.extend(narrowed);
    Telling { heading, scope, figures: Vec::new(), notes: vec![unit_line(unit, lang), counted] }
}

/// The unit as a note.
#[must_use]
pub fn unit_line(unit: &str, lang: Lang) -> String {
    format!("{}: {unit}.", lang.pick("Đơn vị tính", "Unit"))
}
