//! The petition texts: `data/sample-petitions.csv`. Each names one commune; many can be reused for others.
//!
//! A text is reusable when the place it names exists everywhere ("đường trục chính", "khu phố 2"); that place
//! and the name of the commune are then replaced. A text that names a specific street is used for its own
//! commune only.

use super::seeded_random::SeededRandom;
use crate::db::service_error::ServiceError;
use crate::directory::rules::area::{Area, AreaKind};

/// The sample petitions, embedded in the binary.
const SAMPLES: &[u8] = include_bytes!("../../../data/sample-petitions.csv");

/// Places that exist in every ward.
const WARD_PLACES: &[&str] = &[
    "khu phố 2",
    "khu phố 5",
    "tổ dân phố số 3",
    "khu dân cư dịch vụ",
    "khu tái định cư",
    "đường nội bộ khu đô thị",
    "ngõ cạnh nhà văn hóa khu phố",
    "đường liên khu phố",
    "khu đô thị mới phía đông",
];
/// Places that exist in every rural commune.
const RURAL_PLACES: &[&str] = &[
    "đường liên thôn gần nhà văn hóa",
    "cuối thôn, giáp cánh đồng",
    "ngã tư đầu làng",
    "đường liên thôn",
    "đường liên xã",
    "xóm Chùa",
    "xóm Đình",
    "thôn Trung",
    "thôn Đông",
];
/// Places that exist everywhere.
const COMMON_PLACES: &[&str] = &[
    "đường vào khu dân cư dịch vụ",
    "đường gom khu công nghiệp",
    "đoạn trước cổng trường tiểu học",
    "đoạn trước cổng trường THCS",
    "tuyến tỉnh lộ đi qua",
    "lối rẽ vào trạm y tế",
    "khu đấu giá đất mới",
    "tuyến đường gom",
    "đường trục chính",
    "khu vực chợ",
];

/// Words that show that an individual is speaking, not a business.
const PERSONAL: &[&str] = &[
    "tôi",
    "gia đình",
    "bà con",
    "người dân",
    "cháu",
    "phụ huynh",
    "cả xóm",
    "hàng xóm",
    "mẹ ",
    "bố ",
    "trẻ",
    "mùa vụ",
    "nông dân",
];

/// A petition text.
#[derive(Debug, Clone)]
pub struct SampleText {
    pub title: String,
    pub content: String,
    /// Code of the category.
    pub category: String,
    /// Code of the commune that it names.
    pub home: String,
    /// Whether a business wrote it.
    pub is_business: bool,
    /// Name of the commune as written within a sentence.
    commune: String,
    /// The replaceable place within the commune.
    place: Option<&'static str>,
    travels: bool,
}

fn broken<T>(_: T) -> ServiceError {
    ServiceError::Internal("the sample petitions of the binary cannot be read")
}

/// Parses all samples; `communes` are the areas that they may name.
///
/// # Errors
/// When the embedded file is invalid or names an unknown commune.
pub fn read(communes: &[&Area]) -> Result<Vec<SampleText>, ServiceError> {
    let mut samples = Vec::new();
    for record in csv::Reader::from_reader(SAMPLES).records() {
        let record = record.map_err(broken)?;
        let field = |place: usize| record.get(place).unwrap_or_default().to_owned();
        let home = field(3);
        let area = communes.iter().find(|area| area.code == home).ok_or_else(|| broken(()))?;
        samples.push(sample(field(0), field(1), field(2), area, field(4) == "business"));
    }
    Ok(samples)
}

fn sample(title: String, content: String, category: String, area: &Area, is_business: bool) -> SampleText {
    let commune = in_a_sentence(&area.name);
    let place = content.split_once(&format!(", {commune}")).and_then(|(before, _)| place_at_the_end(before));
    let names_only_the_commune = !content.contains(&format!(", {commune}"));
    let travels = content.contains(&commune) && (place.is_some() || names_only_the_commune);
    SampleText { title, content, category, home: area.code.clone(), is_business, commune, place, travels }
}

/// Converts a name for use within a sentence: `Phường Vệ An` becomes `phường Vệ An`.
#[must_use]
pub fn in_a_sentence(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

fn at_the_beginning(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Decides the preposition: events happen *on* a road and *at* other places.
fn is_a_road(place: &str) -> bool {
    place.starts_with("đường") || place.starts_with("tuyến")
}

/// Returns the longest known place at the end of a text.
fn place_at_the_end(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let known = WARD_PLACES.iter().chain(RURAL_PLACES).chain(COMMON_PLACES).copied();
    known.filter(|place| lower.ends_with(&place.to_lowercase())).max_by_key(|place| place.len())
}

impl SampleText {
    /// Returns whether the text can be used for a commune.
    #[must_use]
    pub fn fits(&self, area: &Area) -> bool {
        self.travels || self.home == area.code
    }

    /// Returns whether a business could have written it.
    #[must_use]
    pub fn fits_business(&self) -> bool {
        let lower = self.content.to_lowercase();
        self.is_business || !PERSONAL.iter().any(|word| lower.contains(word))
    }

    /// Returns title and content, rewritten for a commune.
    #[must_use]
    pub fn told_of(&self, area: &Area, dice: &SeededRandom) -> (String, String) {
        if !self.travels {
            return (self.title.clone(), self.content.clone());
        }
        let own = if area.kind == AreaKind::Ward { WARD_PLACES } else { RURAL_PLACES };
        let own = if area.kind == AreaKind::Township || dice.chance(45) { COMMON_PLACES } else { own };
        let place = self.place.and_then(|place| {
            let alike: Vec<&str> = own.iter().copied().filter(|other| is_a_road(other) == is_a_road(place)).collect();
            Some((place, *dice.pick(&alike)?))
        });
        let retold = |text: &str| {
            let text = replaced(text, &self.commune, &in_a_sentence(&area.name));
            place.map_or_else(|| text.clone(), |(from, to)| replaced(&text, from, to))
        };
        (retold(&self.title), retold(&self.content))
    }
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    text.replace(from, to).replace(&at_the_beginning(from), &at_the_beginning(to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::AreaId;
    use crate::kernel::validity::Validity;

    fn area(code: &str, name: &str, kind: AreaKind) -> Area {
        Area {
            id: AreaId(1),
            code: code.to_owned(),
            name: name.to_owned(),
            search_name: String::new(),
            kind,
            parent_id: None,
            latitude: None,
            longitude: None,
            validity: Validity::since(chrono::NaiveDate::default()),
            version: 1,
        }
    }

    #[test]
    fn a_text_with_a_common_place_travels() {
        let home = area("1", "Phường Châu Khê", AreaKind::Ward);
        let words = "Khu tái định cư, phường Châu Khê mất nước. UBND phường Châu Khê chưa trả lời.".to_owned();
        let sample = sample("Mất nước ở phường Châu Khê".into(), words, "cap-nuoc-sach".into(), &home, false);
        let elsewhere = area("2", "Thị trấn Lim", AreaKind::Township);
        assert!(sample.fits(&elsewhere));
        let (title, content) = sample.told_of(&elsewhere, &SeededRandom::new(1));
        assert_eq!(title, "Mất nước ở thị trấn Lim");
        assert!(content.contains(", thị trấn Lim mất nước. UBND thị trấn Lim") && !content.contains("tái định cư"), "{content}");
    }

    #[test]
    fn a_text_with_a_street_of_its_own_stays_at_home() {
        let home = area("1", "Phường Vệ An", AreaKind::Ward);
        let words = "Ngôi chùa ở đường Thiên Đức, phường Vệ An bị dột.".to_owned();
        let sample = sample("Chùa dột".into(), words.clone(), "van-hoa".into(), &home, false);
        assert!(!sample.fits(&area("2", "Xã Xuân Lai", AreaKind::RuralCommune)));
        assert_eq!(sample.told_of(&home, &SeededRandom::new(1)), ("Chùa dột".to_owned(), words));
    }
}
