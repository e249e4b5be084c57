//! Derives from the number of a petition and the options what is filed and what happens to it.
//!
//! Times are Vietnamese local time. Petitions are filed one after another between 06:00 and 22:00, spread
//! evenly over the days; most are answered in time, some late, a few never.

use super::GenerateOptions;
use crate::db::service_error::ServiceError;
use crate::directory::rules::area::{Area, Level};
use crate::directory::rules::category::Category;
use crate::directory::rules::deadline::Urgency;
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::petitions::filing::PetitionForm;
use crate::petitions::rules::{Channel, Outcome, PetitionKind};
use crate::sample_data::demo::people;
use crate::sample_data::demo::samples::in_a_sentence;
use crate::sample_data::demo::seeded_random::SeededRandom;
use chrono::{Datelike, Days, Duration, NaiveDate, NaiveTime, Weekday};

/// A step after the filing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GeneratedAction {
    Accept,
    /// The clerk transfers it to [`transfer_target`].
    Transfer,
    /// The handler drafts an answer.
    Draft(String, Outcome),
    Submit,
    Approve,
    Rate(i32, Option<String>),
    /// The system closes the answered petition after its period.
    Close,
    /// The leader refuses it.
    Refuse,
    Withdraw,
}

/// Reason given for transfers.
pub const TRANSFER_REASON: &str = "Nội dung thuộc thẩm quyền của cơ quan chuyên môn cấp tỉnh.";
/// Note given for refusals.
pub const REFUSAL_NOTE: &str = "Nội dung đã được trả lời trước đó, không có tình tiết mới.";
/// Reason given for withdrawals.
pub const WITHDRAWAL_REASON: &str = "Sự việc đã được giải quyết.";

const CHANNELS: &[(Channel, i64)] = &[
    (Channel::Mobile, 45),
    (Channel::Zalo, 20),
    (Channel::Web, 18),
    (Channel::Phone, 7),
    (Channel::Counter, 5),
    (Channel::NationalPortal, 5),
];
/// Percentage of answers with each rating from 1 to 5.
const SCORES: [i64; 5] = [9, 12, 24, 33, 22];

/// A petition to file, with its later steps.
#[derive(Debug, Clone)]
pub struct GeneratedCourse {
    pub received: Instant,
    /// The form, filed by a guest.
    pub form: PetitionForm,
    /// The steps in chronological order, up to the last day of the options.
    pub actions: Vec<(Instant, GeneratedAction)>,
}

/// Draws the courses of all petitions.
#[derive(Debug)]
pub struct GeneratedCourses {
    order: GenerateOptions,
    communes: Vec<Area>,
    categories: Vec<Category>,
}

impl GeneratedCourses {
    /// Uses the communes and categories of the first day.
    ///
    /// # Errors
    /// `Internal` when the directory has none.
    pub fn new(directory: &Directory, order: GenerateOptions) -> Result<Self, ServiceError> {
        let first = order.from();
        let communes = directory.areas().iter().filter(|area| area.level() == Level::Commune && area.validity.covers(first));
        let categories = directory.categories().iter().filter(|category| category.validity.covers(first));
        let (communes, categories): (Vec<_>, Vec<_>) = (communes.cloned().collect(), categories.cloned().collect());
        if communes.is_empty() || categories.is_empty() {
            return Err(ServiceError::Internal("the directory has no communes or no categories"));
        }
        Ok(Self { order, communes, categories })
    }

    /// Returns when the petition with this number, from 0, is filed; increases with the number.
    #[must_use]
    pub fn received(&self, number: u64) -> Instant {
        const DAY: u128 = 86_400_000_000;
        let first = self.order.from();
        let days = u128::from((self.order.until - first).num_days().unsigned_abs()) + 1;
        let micros = days * DAY * (2 * u128::from(number) + 1) / (2 * u128::from(self.order.petitions.max(1)));
        // Of 24 hours the sixteen from 06:00 to 22:00.
        let within = 6 * DAY / 24 + micros % DAY * 16 / 24;
        let day = first + Days::new(u64::try_from(micros / DAY).unwrap_or_default());
        Instant::start_of(day).plus(Duration::microseconds(i64::try_from(within).unwrap_or_default()))
    }

    /// Draws the course of the petition with this number.
    #[must_use]
    pub fn draw(&self, number: u64) -> Option<GeneratedCourse> {
        // Spreads the seeds, so that consecutive numbers give unrelated sequences.
        let dice = SeededRandom::new(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 2026);
        let received = self.received(number);
        let category = self.categories.get(skewed(&dice, self.categories.len()))?;
        let area = dice.pick(&self.communes)?;
        let form = form(&dice, category, area);
        let mut actions = actions(&dice, received, category);
        let end = Instant::end_of(self.order.until);
        actions.retain(|(at, _)| *at <= end);
        Some(GeneratedCourse { received, form, actions })
    }
}

/// Returns the code of the transfer target: the department of the category, or the office of the province.
#[must_use]
pub fn transfer_target(category: &Category, holder: &str) -> String {
    if category.department_code == holder { "27-VPUBND".to_owned() } else { category.department_code.clone() }
}

/// Draws an index, the first ones more often.
fn skewed(dice: &SeededRandom, length: usize) -> usize {
    dice.place(length).min(dice.place(length))
}

fn form(dice: &SeededRandom, category: &Category, area: &Area) -> PetitionForm {
    let matter = dice.pick(&category.examples).unwrap_or(&category.name_vi);
    let is_business = dice.chance(4);
    let place = in_a_sentence(&area.name);
    let urgency = match dice.between(1, 100) {
        1..=90 => Urgency::Normal,
        91..=97 => Urgency::Urgent,
        _ => Urgency::Complex,
    };
    let channel = CHANNELS.get(dice.weighted(CHANNELS.iter().map(|(_, weight)| *weight))).map(|(channel, _)| *channel);
    PetitionForm {
        kind: is_business.then_some(PetitionKind::Business),
        title: Some(format!("Phản ánh {matter}")),
        content: Some(format!("Tại {place} có tình trạng {matter} đã nhiều ngày. Đề nghị cơ quan chức năng kiểm tra, xử lý.")),
        category: Some(category.code.clone()),
        area: Some(area.code.clone()),
        petitioner: Some(if is_business { people::business(dice) } else { people::citizen(dice) }),
        hide_identity: dice.chance(5),
        channel,
        urgency: Some(urgency),
        ..PetitionForm::default()
    }
}

fn actions(dice: &SeededRandom, received: Instant, category: &Category) -> Vec<(Instant, GeneratedAction)> {
    let ended = |action| (answer_time(dice, received, category), action);
    match dice.between(1, 1000) {
        1..=3 => Vec::new(),
        4..=20 => vec![ended(GeneratedAction::Refuse)],
        21..=35 => vec![ended(GeneratedAction::Withdraw)],
        fate => answered(dice, received, category, fate <= 80),
    }
}

fn answered(dice: &SeededRandom, received: Instant, category: &Category, is_handed_on: bool) -> Vec<(Instant, GeneratedAction)> {
    let answered = answer_time(dice, received, category);
    let span = answered.millis_since(received);
    let at = |of_hundred: i64| received.plus(Duration::milliseconds(span * of_hundred / 100));
    let mut actions = Vec::with_capacity(7);
    if is_handed_on {
        actions.push((at(12), GeneratedAction::Transfer));
    }
    let (content, outcome) = answer(dice);
    actions.push((at(20), GeneratedAction::Accept));
    actions.push((at(70), GeneratedAction::Draft(content, outcome)));
    actions.push((at(80), GeneratedAction::Submit));
    actions.push((answered, GeneratedAction::Approve));
    if dice.chance(45) {
        let score = i32::try_from(dice.weighted(SCORES.iter().copied()) + 1).unwrap_or(3);
        let comment = (score <= 2).then(|| "Trả lời chung chung, chưa giải quyết dứt điểm.".to_owned());
        actions.push((answered.plus(Duration::minutes(dice.between(30, 14 * 1440))), GeneratedAction::Rate(score, comment)));
    } else {
        // The system looks for due actions every half minute.
        actions.push((answered.plus(Duration::days(15) + Duration::seconds(dice.between(1, 30))), GeneratedAction::Close));
    }
    actions
}

/// Draws a time in office hours of a working day: mostly before the deadline, sometimes long after.
fn answer_time(dice: &SeededRandom, received: Instant, category: &Category) -> Instant {
    let allowed = i64::from(category.processing_working_days) * 7 / 5;
    let days = match dice.between(1, 100) {
        1..=8 => dice.between(allowed + 1, allowed * 2 + 6),
        _ => dice.between(1, allowed.max(2)),
    };
    let mut day: NaiveDate = received.local_date() + Days::new(days.unsigned_abs().max(1));
    while matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        day = day + Days::new(1);
    }
    let micros = dice.between(8 * 3_600_000_000, 16 * 3_600_000_000);
    Instant::from_local(day.and_time(NaiveTime::MIN)).plus(Duration::microseconds(micros))
}

fn answer(dice: &SeededRandom) -> (String, Outcome) {
    match dice.between(1, 100) {
        1..=65 => ("Đơn vị đã kiểm tra thực tế và xử lý xong. Trân trọng cảm ơn.".to_owned(), Outcome::Resolved),
        66..=92 => ("Đơn vị đã giải thích quy định để người dân được biết.".to_owned(), Outcome::Explained),
        _ => ("Qua kiểm tra, phản ánh không có cơ sở.".to_owned(), Outcome::Unfounded),
    }
}
