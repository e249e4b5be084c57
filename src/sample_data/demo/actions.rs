//! The plan of the demo year as data: petitions, and who does what to each of them at which instant.

use crate::kernel::Instant;
use crate::petitions::filing::PetitionForm;
use crate::petitions::rules::{Outcome, ReasonCode};
use chrono::NaiveDate;

/// One step, with the words that go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DemoAction {
    /// The petition is filed.
    File,
    /// The clerk accepts it.
    Accept,
    /// The leader names the handler.
    Assign,
    /// The clerk hands it on to the agency with the code.
    Transfer(String, &'static str),
    /// The clerk gives it back to the coordinator.
    HandBack(&'static str),
    /// The coordinator gives it to the agency with the code.
    Route(String),
    /// The handler asks the petitioner.
    Ask(&'static str),
    /// The petitioner replies.
    Reply(&'static str),
    /// The handler asks for a deadline on that day.
    Extend(NaiveDate, &'static str),
    /// The leader grants it.
    GrantExtension,
    /// The leader denies it.
    DenyExtension(&'static str),
    /// The handler leaves an internal note.
    Note(&'static str),
    /// The handler drafts an answer.
    Draft(String, Outcome, Option<NaiveDate>),
    /// The handler submits it.
    Submit,
    /// The leader sends it back.
    SendBack(&'static str),
    /// The leader approves it.
    Approve,
    /// The petitioner rates the answer.
    Rate(i32, Option<String>),
    /// The petitioner asks to look again.
    Reopen(&'static str),
    /// The leader grants it.
    GrantReopening,
    /// The leader denies it.
    DenyReopening(&'static str),
    /// The petitioner takes it back.
    Withdraw(&'static str),
    /// The leader refuses it.
    Refuse(ReasonCode, &'static str),
    /// The coordinator refuses it.
    RefuseByCoordinator(ReasonCode, &'static str),
    /// The leader merges it into the petition at that place of the plan.
    Merge(usize),
}

/// Who files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filer {
    /// Somebody without an account.
    Guest,
    /// The citizen's account of the demo.
    Citizen,
    /// The business account of the demo.
    Business,
    /// An officer, for somebody at the counter or on the telephone.
    Counter,
}

/// What a petition counts for in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlannedOutcome {
    /// Answered at that instant.
    Handled(Instant),
    /// Open for ever.
    Open,
    /// Refused, withdrawn or a duplicate: beside the figures.
    Beside,
}

/// One petition of the plan.
#[derive(Debug, Clone)]
pub struct PlannedPetition {
    /// Code of the district whose figures it counts for; of the province for its own bodies.
    pub district: String,
    /// What is filed.
    pub form: PetitionForm,
    /// By whom.
    pub filer: Filer,
    /// When.
    pub received: Instant,
    /// What becomes of it.
    pub fate: PlannedOutcome,
    /// Everything that happens to it, in order; filing comes first.
    pub steps: Vec<(Instant, DemoAction)>,
}

impl PlannedPetition {
    /// The score that it gets in the end.
    #[must_use]
    pub fn score(&self) -> Option<i32> {
        self.steps.iter().rev().find_map(|(_, action)| if let DemoAction::Rate(score, _) = action { Some(*score) } else { None })
    }
}
