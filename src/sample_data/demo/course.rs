//! Plans the course of one petition: its steps from receipt to end, with their times.

use super::actions::DemoAction;
use super::cases::DemoCase;
use super::hours::{Hours, at, day};
use super::words;
use crate::directory::rules::agency::Agency;
use crate::directory::rules::area::Level;
use crate::kernel::Instant;
use crate::petitions::rules::{Outcome, PetitionKind, PetitionerKind};
use chrono::{Days, Duration, NaiveDate};

/// A deviation from the normal course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detour {
    None,
    /// The first agency transfers the petition.
    Transfer,
    /// The first agency returns it, and the coordinator routes it to another one.
    SentAround,
    /// The petitioner is asked a question and replies.
    Question,
    /// An extension is granted.
    Extension,
    /// An extension is requested and denied.
    ExtensionDenied,
    /// The first draft is sent back.
    SentBack,
    /// The petition is reopened on request.
    Reopened,
    /// A reopening is requested and denied.
    ReopeningDenied,
    /// An officer adds a note.
    Note,
}

impl Detour {
    /// Returns the minimum number of working minutes between receipt and answer.
    #[must_use]
    pub const fn least_minutes(self) -> i64 {
        match self {
            Self::None | Self::Reopened | Self::ReopeningDenied => 0,
            Self::Note | Self::SentBack => 3 * 480,
            Self::Transfer | Self::SentAround => 4 * 480,
            Self::Question => 7 * 480,
            Self::Extension | Self::ExtensionDenied => 5 * 480,
        }
    }
}

/// Builder for the steps of one petition.
pub struct DemoCourse<'a, 'd> {
    hours: Hours<'a>,
    case: &'a DemoCase<'d>,
    /// The agency that currently holds the petition.
    holder: &'d Agency,
    steps: Vec<(Instant, DemoAction)>,
}

impl<'a, 'd> DemoCourse<'a, 'd> {
    /// Starts with the filing.
    #[must_use]
    pub fn begin(hours: Hours<'a>, case: &'a DemoCase<'d>, received: Instant) -> Self {
        Self { hours, case, holder: case.agency, steps: vec![(received, DemoAction::File)] }
    }

    /// Returns the steps added so far.
    #[must_use]
    pub fn steps(self) -> Vec<(Instant, DemoAction)> {
        self.steps
    }

    fn last(&self) -> Instant {
        self.steps.last().map_or_else(|| at(day(2023, 1, 1), 0, 0), |(last, _)| *last)
    }

    /// Adds a step, never earlier than the previous one.
    pub fn add(&mut self, when: Instant, action: DemoAction) {
        let earliest = self.last().plus(Duration::seconds(40));
        self.steps.push((when.max(earliest), action));
    }

    /// Adds a step a random number of working minutes after the last one.
    pub fn add_after(&mut self, least: i64, most: i64, action: DemoAction) {
        let when = self.hours.working_later(self.last(), self.hours.dice.between(least, most));
        self.add(when, action);
    }

    /// Adds the steps from filing to answer; `target` is the agency to which a detour leads.
    pub fn answered(&mut self, answered: Instant, detour: Detour, target: Option<&'d Agency>, extended_from: NaiveDate) {
        let received = self.last();
        let room = self.hours.working_minutes(received, answered);
        if let (Detour::Transfer | Detour::SentAround, Some(target)) = (detour, target) {
            self.hand_on(detour, target);
        }
        let morning = Instant::start_of(answered.local_date()).plus(Duration::minutes(7 * 60 + 35));
        let window = morning.max(self.last());
        let accepted = self.hours.working_later(self.last(), self.hours.dice.between(20, (room / 3).clamp(21, 420)));
        let part = |of_hundred: i64| {
            window.plus(Duration::milliseconds(answered.millis_since(window) * of_hundred / 100).max(Duration::zero()))
        };
        if accepted < window {
            self.accept(accepted)
        } else {
            self.accept(part(15))
        }
        self.on_the_way(detour, extended_from);
        let (draft, outcome, promised_on) = self.draft(answered);
        self.add(part(45).max(self.last()), DemoAction::Draft(draft.clone(), outcome, promised_on));
        if detour == Detour::SentBack {
            self.add(part(52), DemoAction::Submit);
            self.add(part(60), DemoAction::SendBack(self.hours.dice.word(words::SENT_BACK)));
            self.add(part(70), DemoAction::Draft(draft, outcome, promised_on));
        }
        self.add(part(78), DemoAction::Submit);
        self.add(answered, DemoAction::Approve);
    }

    fn accept(&mut self, when: Instant) {
        let by_leader = self.hours.dice.chance(30);
        self.add(when, if by_leader { DemoAction::Assign } else { DemoAction::Accept });
    }

    fn hand_on(&mut self, detour: Detour, target: &'d Agency) {
        let dice = self.hours.dice;
        if detour == Detour::SentAround {
            self.add_after(30, 200, DemoAction::HandBack(dice.word(words::NOT_OURS)));
            self.add_after(20, 200, DemoAction::Route(target.code.clone()));
        } else {
            let reason = match (self.holder.level, target.level) {
                (_, Level::Province) => words::FOR_THE_PROVINCE,
                (Level::Commune, _) => words::TOO_HIGH_FOR_US,
                _ => words::NEARER_TO_YOU,
            };
            self.add_after(30, 400, DemoAction::Transfer(target.code.clone(), dice.word(reason)));
        }
        self.holder = target;
    }

    /// Adds the steps between acceptance and draft.
    fn on_the_way(&mut self, detour: Detour, extended_from: NaiveDate) {
        let dice = self.hours.dice;
        match detour {
            Detour::Question => {
                let place = dice.place(words::QUESTIONS.len());
                let word = |list: &'static [&'static str]| list.get(place).copied().unwrap_or_default();
                self.add_after(60, 240, DemoAction::Ask(word(words::QUESTIONS)));
                let replied = self.last().plus(Duration::minutes(dice.between(180, 2800)));
                self.add(replied, DemoAction::Reply(word(words::REPLIES)));
            }
            Detour::Extension | Detour::ExtensionDenied => {
                let until = extended_from + Days::new(u64::try_from(dice.between(5, 12)).unwrap_or(7));
                self.add_after(30, 200, DemoAction::Extend(until, dice.word(words::EXTENSION_REASONS)));
                let decision = if detour == Detour::Extension {
                    DemoAction::GrantExtension
                } else {
                    DemoAction::DenyExtension(dice.word(words::EXTENSION_DENIALS))
                };
                self.add_after(20, 200, decision);
            }
            Detour::Note => self.add_after(20, 200, DemoAction::Note(dice.word(words::NOTES))),
            _ => {}
        }
    }

    fn draft(&self, answered: Instant) -> (String, Outcome, Option<NaiveDate>) {
        let dice = self.hours.dice;
        let outcome = match dice.between(1, 100) {
            1..=62 => Outcome::Resolved,
            63..=83 => Outcome::Explained,
            84..=95 => Outcome::Promised,
            _ => Outcome::Unfounded,
        };
        let day_promised = answered.local_date() + Days::new(u64::try_from(dice.between(10, 45)).unwrap_or(20));
        let promised_on = (outcome == Outcome::Promised).then_some(day_promised);
        let is_business = self.case.form.kind == Some(PetitionKind::Business);
        let subject = words::AnswerSubject {
            agency: &self.holder.name,
            title: self.case.form.title.as_deref().unwrap_or_default(),
            category: &self.case.category.code,
            petitioner: if is_business { PetitionerKind::Business } else { PetitionerKind::Citizen },
        };
        (words::answer(&subject, outcome, promised_on, dice), outcome, promised_on)
    }

    /// Adds the steps after the answer, all within the year: reopening, if any, and rating.
    pub fn afterwards(&mut self, detour: Detour, score: Option<i32>) {
        let dice = self.hours.dice;
        if matches!(detour, Detour::Reopened | Detour::ReopeningDenied) {
            let asked = self.last().plus(Duration::minutes(dice.between(600, 6 * 1440)));
            self.add(asked, DemoAction::Reopen(dice.word(words::REOPENING_REASONS)));
            if detour == Detour::Reopened {
                self.add_after(60, 480, DemoAction::GrantReopening);
                let again = self.hours.working_later(self.last(), dice.between(960, 3000));
                let (draft, outcome, promised_on) = self.draft(again);
                self.add(self.hours.working_later(self.last(), 200), DemoAction::Draft(draft, outcome, promised_on));
                self.add_after(10, 60, DemoAction::Submit);
                self.add(self.hours.office_near(again), DemoAction::Approve);
            } else {
                self.add_after(60, 480, DemoAction::DenyReopening(dice.word(words::REOPENING_DENIALS)));
            }
        }
        let Some(score) = score else { return };
        let latest = at(day(2023, 12, 31), 21, 0).millis_since(self.last()) / 60_000;
        let is_soon = detour == Detour::ReopeningDenied || dice.chance(60);
        let wait = if is_soon { dice.between(30, 1440) } else { dice.between(1440, 12 * 1440) };
        self.add(self.last().plus(Duration::minutes(wait.min(latest))), DemoAction::Rate(score, words::comment(score, dice)));
    }

    /// Adds the steps of a petition that is never answered, up to the end of the year.
    pub fn left_open(&mut self) {
        let dice = self.hours.dice;
        let end = at(day(2023, 12, 29), 16, 30);
        let stage = dice.between(1, 100);
        let accepted = self.hours.working_later(self.last(), dice.between(30, 900));
        if stage <= 30 || accepted >= end {
            return;
        }
        self.accept(accepted);
        let drafted = self.hours.working_later(self.last(), dice.between(480, 4800));
        if stage <= 75 || drafted >= end {
            return;
        }
        let (draft, outcome, promised_on) = self.draft(at(day(2024, 1, 5), 9, 0));
        self.add(drafted, DemoAction::Draft(draft, outcome, promised_on));
        self.add_after(5, 30, DemoAction::Submit);
    }
}
