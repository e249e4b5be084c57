//! Chooses the subject and place of each petition: a category, a commune and a text, so that routing leads to
//! the wanted district.

use super::hours::day;
use super::samples::{self, SampleText};
use super::seeded_random::SeededRandom;
use super::words::RefusedText;
use crate::db::service_error::ServiceError;
use crate::directory::rules::agency::Agency;
use crate::directory::rules::area::{Area, Level};
use crate::directory::rules::category::Category;
use crate::directory::rules::deadline::Urgency;
use crate::directory::rules::directory::Directory;
use crate::directory::rules::routing_rule::RoutingInput;
use crate::kernel::{Instant, search_text};
use crate::petitions::filing::{LocationForm, PetitionForm};
use crate::petitions::rules::{Channel, PetitionKind, PetitionerKind};

/// Weights of the categories that differ from [`USUAL`]; the first three are the most frequent in the published
/// data.
const WEIGHTS: &[(&str, i64)] = &[
    ("cong-trinh-xay-dung", 14),
    ("rac-thai-chat-thai", 14),
    ("via-he-le-duong", 12),
    ("duong-giao-thong", 8),
    ("thoat-nuoc-ngap-ung", 7),
    ("chieu-sang-cong-cong", 6),
    ("o-nhiem-moi-truong", 6),
    ("tieng-on", 5),
    ("dat-dai-khoang-san", 5),
    ("dien-luc", 6),
    ("y-te", 4),
    ("trat-tu-an-toan-giao-thong", 5),
    ("tin-hieu-bien-bao", 4),
    ("cay-xanh", 4),
    ("cap-nuoc-sach", 4),
    ("thu-tuc-hanh-chinh", 4),
];
/// Default weight of a category.
const USUAL: i64 = 3;

/// Weights of the channels.
const CHANNELS: &[(Channel, i64)] = &[
    (Channel::Mobile, 45),
    (Channel::Zalo, 20),
    (Channel::Web, 18),
    (Channel::Phone, 7),
    (Channel::Counter, 5),
    (Channel::NationalPortal, 5),
];

/// Attempts to find a text before planning fails.
const ATTEMPTS: usize = 2000;

/// Requirements for a case.
#[derive(Debug, Clone, Copy)]
pub struct CaseRequest<'a> {
    /// Code of the district of the place; the province's code for any district.
    pub district: &'a str,
    /// Whether it must be routed to a department of the province.
    pub for_province: bool,
    /// Whether a business files it.
    pub is_business: bool,
    /// Minimum number of working days of the category.
    pub least_days: i32,
    pub urgency: Urgency,
    pub received: Instant,
}

/// The subject of a petition, before somebody files it.
#[derive(Debug, Clone)]
pub struct DemoCase<'d> {
    /// The form without the petitioner.
    pub form: PetitionForm,
    pub category: &'d Category,
    pub area: &'d Area,
    /// The agency to which it is routed.
    pub agency: &'d Agency,
}

/// The directory and the texts from which cases are drawn.
pub struct DemoCases<'d> {
    directory: &'d Directory,
    dice: &'d SeededRandom,
    communes: Vec<&'d Area>,
    samples: Vec<SampleText>,
}

impl<'d> DemoCases<'d> {
    /// Loads the texts.
    ///
    /// # Errors
    /// When the directory is not that of 2023.
    pub fn new(directory: &'d Directory, dice: &'d SeededRandom) -> Result<Self, ServiceError> {
        let communes: Vec<&Area> = directory.areas().iter().filter(|area| area.level() == Level::Commune).collect();
        let samples = samples::read(&communes)?;
        Ok(Self { directory, dice, communes, samples })
    }

    /// Draws a random case.
    ///
    /// # Errors
    /// When the directory is not that of 2023, so that no case fits.
    pub fn draw(&self, wish: &CaseRequest<'_>) -> Result<DemoCase<'d>, ServiceError> {
        let communes = self.communes_of(wish.district);
        for _ in 0..ATTEMPTS {
            let Some(area) = self.skewed(&communes) else { break };
            let Some(category) = self.category(wish) else { continue };
            let fits = |sample: &&SampleText| {
                sample.category == category.code
                    && sample.fits(area)
                    && if wish.is_business { sample.fits_business() } else { !sample.is_business }
            };
            let fitting: Vec<&SampleText> = self.samples.iter().filter(fits).collect();
            let Some(sample) = self.dice.pick(&fitting) else { continue };
            let (title, content) = sample.told_of(area, self.dice);
            let form = self.form(title, content, category, area, wish);
            if let Some(agency) = self.routed(&form, category, area, wish) {
                return Ok(DemoCase { form, category, area, agency });
            }
        }
        Err(ServiceError::Internal("the directory does not lead petitions where the demo year needs them"))
    }

    /// Draws a case with a text that will be refused.
    ///
    /// # Errors
    /// As [`DemoCases::draw`].
    pub fn refused(&self, text: &RefusedText, wish: &CaseRequest<'_>) -> Result<DemoCase<'d>, ServiceError> {
        let unfit = ServiceError::Internal("the directory does not lead petitions where the demo year needs them");
        let area = self.skewed(&self.communes_of(wish.district)).ok_or_else(|| unfit.clone())?;
        let day = wish.received.local_date();
        let category = self.directory.category_by_code(text.category, day).ok_or_else(|| unfit.clone())?;
        let content = text.content.replace("{commune}", &samples::in_a_sentence(&area.name));
        let form = self.form(text.title.to_owned(), content, category, area, wish);
        let agency = self.routed(&form, category, area, wish).ok_or(unfit)?;
        Ok(DemoCase { form, category, area, agency })
    }

    /// Returns another agency that could hold the case: the division above a commune, or a commune below a
    /// division.
    #[must_use]
    pub fn neighbour(&self, case: &DemoCase<'d>) -> Option<&'d Agency> {
        let in_2023 = day(2023, 6, 1);
        if case.agency.level != Level::Commune {
            return self.directory.committees_of(case.area.id).find(|agency| agency.validity.covers(in_2023));
        }
        let district = self.directory.district_of_area(case.area.id)?;
        let suffixes = case.category.district_division.split('|');
        suffixes.into_iter().find_map(|suffix| self.directory.agency_by_code(&format!("27-{}-{suffix}", district.code), in_2023))
    }

    /// Returns the provincial department responsible for the case.
    #[must_use]
    pub fn department(&self, case: &DemoCase<'d>) -> Option<&'d Agency> {
        self.directory.agency_by_code(&case.category.department_code, day(2023, 6, 1))
    }

    fn communes_of(&self, district: &str) -> Vec<&'d Area> {
        let lies_there = |area: &&&Area| {
            district == super::PROVINCE || self.directory.district_of_area(area.id).is_some_and(|it| it.code == district)
        };
        self.communes.iter().filter(lies_there).copied().collect()
    }

    /// Picks an item, the first ones more often: more people live there, so more is reported.
    fn skewed(&self, communes: &[&'d Area]) -> Option<&'d Area> {
        let place = self.dice.place(communes.len()).min(self.dice.place(communes.len()));
        communes.get(if self.dice.chance(40) { self.dice.place(communes.len()) } else { place }).copied()
    }

    fn category(&self, wish: &CaseRequest<'_>) -> Option<&'d Category> {
        let fits = |category: &&Category| {
            (category.default_level == Level::Province) == wish.for_province
                && category.processing_working_days >= wish.least_days
        };
        let fitting: Vec<&Category> = self.directory.categories().iter().filter(fits).collect();
        let weight = |category: &&Category| {
            let known = WEIGHTS.iter().find(|(code, _)| *code == category.code);
            known.map_or(USUAL, |(_, weight)| *weight)
                * if wish.is_business && category.code == "doanh-nghiep-dau-tu" { 8 } else { 1 }
        };
        fitting.get(self.dice.weighted(fitting.iter().map(weight))).copied()
    }

    fn routed(&self, form: &PetitionForm, category: &Category, area: &Area, wish: &CaseRequest<'_>) -> Option<&'d Agency> {
        let words = format!("{} {}", form.title.as_deref().unwrap_or_default(), form.content.as_deref().unwrap_or_default());
        let routing = self.directory.route(&RoutingInput {
            category: category.id,
            area: area.id,
            petitioner_kind: if wish.is_business { PetitionerKind::Business } else { PetitionerKind::Citizen },
            channel: form.channel.unwrap_or(Channel::Web),
            folded_text: &search_text::fold(&words),
            at: wish.received,
        });
        let agency = self.directory.agency(routing.agency_id?)?;
        let leads_there = match self.directory.district_of(agency.id) {
            Some(district) => !wish.for_province && (wish.district == super::PROVINCE || district.code == wish.district),
            None => wish.for_province,
        };
        leads_there.then_some(agency)
    }

    fn form(&self, title: String, content: String, category: &Category, area: &Area, wish: &CaseRequest<'_>) -> PetitionForm {
        let channel = CHANNELS.get(self.dice.weighted(CHANNELS.iter().map(|(_, weight)| *weight))).map(|(channel, _)| *channel);
        let kind = match category.code.as_str() {
            _ if wish.is_business => PetitionKind::Business,
            "thu-tuc-hanh-chinh" => PetitionKind::Procedure,
            _ => PetitionKind::Field,
        };
        PetitionForm {
            kind: Some(kind),
            title: Some(title),
            content: Some(content),
            category: Some(category.code.clone()),
            area: Some(area.code.clone()),
            location: self.location(channel, area),
            hide_identity: self.dice.chance(6),
            channel,
            urgency: Some(wish.urgency),
            ..PetitionForm::default()
        }
    }

    /// Phones send a location: random points around the centre of the district, because communes have no
    /// published coordinates.
    fn location(&self, channel: Option<Channel>, area: &Area) -> Option<LocationForm> {
        let from_a_phone = matches!(channel, Some(Channel::Mobile | Channel::Zalo)) && self.dice.chance(70);
        let district = self.directory.district_of_area(area.id).filter(|_| from_a_phone)?;
        let around = || f64::from(i32::try_from(self.dice.between(-2500, 2500)).unwrap_or_default()) / 100_000.0;
        Some(LocationForm {
            latitude: Some(district.latitude? + around()),
            longitude: Some(district.longitude? + around()),
            address: None,
        })
    }
}
