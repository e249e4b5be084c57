//! Describes the filter of a query in words, so that filtered figures are not mistaken for those of the province.

use super::names;
use super::parse_query::{COORDINATION_KEY, FigureParams};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::figures::rules::AgenciesAs;
use crate::kernel::Lang;

/// Returns the active filters as text.
pub async fn filter_text(app: &App, words: &FigureParams, lang: Lang) -> Result<Vec<String>, ServiceError> {
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
    let desk = lang.pick("Bàn điều phối", "Coordinator's desk");
    if code == COORDINATION_KEY { desk } else { code }.to_owned()
}
