//! Data types of the demo year's plan: petitions, and who does what to each of them and when.

use crate::kernel::Instant;
use crate::petitions::filing::PetitionForm;
use crate::petitions::rules::{Outcome, ReasonCode};
use chrono::NaiveDate;

/// A step with its texts. The clerk, handler and leader belong to the agency that holds the petition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DemoAction {
    /// The petitioner files the petition.
    File,
    /// The clerk accepts it.
    Accept,
    /// The leader assigns the handler.
    Assign,
    /// The clerk transfers it to the agency with this code.
    Transfer(String, &'static str),
    /// The clerk returns it to the coordinator.
    HandBack(&'static str),
    /// The coordinator routes it to the agency with this code.
    Route(String),
    /// The handler asks the petitioner a question.
    Ask(&'static str),
    /// The petitioner replies.
    Reply(&'static str),
    /// The handler requests an extension to this day.
    Extend(NaiveDate, &'static str),
    /// The leader grants the extension.
    GrantExtension,
    /// The leader denies the extension.
    DenyExtension(&'static str),
    /// The handler adds an internal note.
    Note(&'static str),
    /// The handler drafts an answer.
    Draft(String, Outcome, Option<NaiveDate>),
    /// The handler submits the draft.
    Submit,
    /// The leader sends the draft back.
    SendBack(&'static str),
    /// The leader approves the draft.
    Approve,
    /// The petitioner rates the answer.
    Rate(i32, Option<String>),
    /// The petitioner requests a reopening.
    Reopen(&'static str),
    /// The leader grants the reopening.
    GrantReopening,
    /// The leader denies the reopening.
    DenyReopening(&'static str),
    /// The petitioner withdraws the petition.
    Withdraw(&'static str),
    /// The leader refuses the petition.
    Refuse(ReasonCode, &'static str),
    /// The coordinator refuses the petition.
    RefuseByCoordinator(ReasonCode, &'static str),
    /// The leader merges it into the petition at this index of the plan.
    Merge(usize),
}

/// Who files a petition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filer {
    /// A petitioner without an account.
    Guest,
    /// The demo's citizen account.
    Citizen,
    /// The demo's business account.
    Business,
    /// An officer, on behalf of somebody at the counter or on the phone.
    Counter,
}

/// How a petition counts in the published figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlannedOutcome {
    /// Answered at this instant.
    Handled(Instant),
    /// Never answered.
    Open,
    /// Refused, withdrawn or a duplicate: not counted.
    Beside,
}

/// A petition of the plan.
#[derive(Debug, Clone)]
pub struct PlannedPetition {
    /// Code of the district in whose figures it counts; the province's code for provincial bodies.
    pub district: String,
    pub form: PetitionForm,
    pub filer: Filer,
    pub received: Instant,
    pub fate: PlannedOutcome,
    /// All steps in chronological order, starting with the filing.
    pub steps: Vec<(Instant, DemoAction)>,
}

impl PlannedPetition {
    /// Returns the last rating of the petition.
    #[must_use]
    pub fn score(&self) -> Option<i32> {
        self.steps.iter().rev().find_map(|(_, action)| if let DemoAction::Rate(score, _) = action { Some(*score) } else { None })
    }
}
