//! Executes the plan: every step calls the application's own service, with a clock that only moves forward.

use super::actions::{DemoAction, Filer, PlannedPetition};
use super::cast::{Cast, Staff};
use super::hours::{at, day};
use super::plan::DemoPlan;
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::kernel::account::Actor;
use crate::kernel::clock::FixedClock;
use crate::kernel::ids::{AgencyId, DocumentId};
use crate::petitions::refuse::{self, RefusalDecision};
use crate::petitions::reopen::{self, ReopeningDecision};
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::store::documents;
use crate::petitions::{
    accept, approve, ask, assign, close, draft, extend, file, hand_back, merge, note, rate, reply, route, send_back, submit,
    transfer, withdraw,
};
use chrono::Duration;
use std::collections::HashMap;
use std::sync::Arc;

/// Petitions per batch of system actions.
const AT_ONCE: i64 = 500;

/// A petition that was filed.
#[derive(Clone)]
struct LivePetition {
    code: PetitionCode,
    petitioner: Caller,
    document: DocumentId,
    agency: AgencyId,
}

/// Executes the plan: the application, its clock and the actors.
pub(super) struct DemoPlayer<'a> {
    pub app: &'a App,
    pub clock: &'a FixedClock,
    pub directory: Arc<Directory>,
    pub cast: Cast,
    pub plan: &'a DemoPlan,
    live: HashMap<usize, LivePetition>,
}

const fn lost() -> ServiceError {
    ServiceError::Internal("a petition of the demo was lost on the way")
}

impl<'a> DemoPlayer<'a> {
    /// Creates the player, before the first step.
    pub fn new(app: &'a App, clock: &'a FixedClock, directory: Arc<Directory>, cast: Cast, plan: &'a DemoPlan) -> Self {
        Self { app, clock, directory, cast, plan, live: HashMap::new() }
    }

    /// Executes the whole plan and continues to mid-January, until the system has closed the answered
    /// petitions.
    ///
    /// # Errors
    /// When a service refuses a step, which the plan excludes.
    pub async fn play(&mut self, mut tell: impl FnMut(usize, usize)) -> Result<(), ServiceError> {
        let plan = self.plan;
        let script = plan.script();
        let total = script.len();
        let mut night = day(2023, 1, 3);
        for (done, ((when, key, _), action)) in script.into_iter().enumerate() {
            while at(night, 0, 10) <= when {
                self.let_the_system_act(at(night, 0, 10)).await?;
                night += Duration::days(1);
            }
            self.clock.set(when);
            let planned = plan.petitions.get(key).ok_or_else(lost)?;
            self.step(key, planned, action).await?;
            tell(done + 1, total);
        }
        while night <= day(2024, 1, 20) {
            self.let_the_system_act(at(night, 0, 10)).await?;
            night += Duration::days(1);
        }
        Ok(())
    }

    async fn let_the_system_act(&self, when: Instant) -> Result<(), ServiceError> {
        self.clock.set(when);
        for petition in close::due(self.app, AT_ONCE).await? {
            close::act(self.app, petition).await?;
            self.clock.advance(Duration::milliseconds(150));
        }
        Ok(())
    }

    async fn step(&mut self, key: usize, planned: &PlannedPetition, action: &DemoAction) -> Result<(), ServiceError> {
        if *action == DemoAction::File {
            let live = self.file(planned).await?;
            self.live.insert(key, live);
            return Ok(());
        }
        let live = self.live.get(&key).ok_or_else(lost)?.clone();
        let staff = self.cast.staff(live.agency)?;
        match action {
            DemoAction::Transfer(..) | DemoAction::HandBack(_) | DemoAction::Route(_) => {
                return self.move_on(key, &live, staff.clone(), action).await;
            }
            DemoAction::Reply(_) | DemoAction::Rate(..) | DemoAction::Reopen(_) | DemoAction::Withdraw(_) => {
                self.by_petitioner(&live, action).await?
            }
            DemoAction::Assign
            | DemoAction::GrantExtension
            | DemoAction::DenyExtension(_)
            | DemoAction::SendBack(_)
            | DemoAction::Approve
            | DemoAction::GrantReopening
            | DemoAction::DenyReopening(_)
            | DemoAction::Refuse(..)
            | DemoAction::RefuseByCoordinator(..)
            | DemoAction::Merge(_) => self.by_leader(&live, staff, action).await?,
            _ => self.by_clerk_or_handler(&live, staff, action).await?,
        }
        Ok(())
    }

    async fn file(&self, planned: &PlannedPetition) -> Result<LivePetition, ServiceError> {
        let actor: Option<Actor> = match planned.filer {
            Filer::Guest => None,
            Filer::Citizen => Some(self.cast.citizen.clone()),
            Filer::Business => Some(self.cast.business.clone()),
            // Calls and visits are recorded by the provincial coordinator.
            Filer::Counter => Some(self.cast.coordinator.clone()),
        };
        let receipt = file::file(self.app, actor.as_ref(), &planned.form, None, None).await?.body;
        let agency = receipt.agency.ok_or_else(lost)?;
        let today = self.app.now().local_date();
        let own = matches!(planned.filer, Filer::Citizen | Filer::Business);
        Ok(LivePetition {
            code: receipt.code.parse().map_err(|_| lost())?,
            petitioner: Caller { actor: actor.filter(|_| own), tracking_token: receipt.tracking_token, proven: None },
            document: receipt.document.ok_or_else(lost)?.id,
            agency: self.directory.agency_by_code(&agency.code, today).ok_or_else(lost)?.id,
        })
    }

    /// Executes a step after which the petition is in another register, or in none.
    async fn move_on(&mut self, key: usize, live: &LivePetition, staff: Staff, action: &DemoAction) -> Result<(), ServiceError> {
        let (app, version) = (self.app, None);
        let target = match action {
            DemoAction::Transfer(to, reason) => {
                let reason = (*reason).to_owned();
                transfer::transfer(app, &staff.clerk, live.document, version, to.clone(), reason).await?;
                to
            }
            DemoAction::Route(to) => {
                let caller = Caller::account(self.cast.coordinator.clone());
                route::route(app, &caller, &live.code, version, to.clone()).await?;
                to
            }
            DemoAction::HandBack(reason) => {
                hand_back::hand_back(app, &staff.clerk, live.document, version, (*reason).to_owned()).await?;
                return Ok(());
            }
            _ => return Err(lost()),
        };
        let today = app.now().local_date();
        let agency = self.directory.agency_by_code(target, today).ok_or_else(lost)?.id;
        let before = live.document;
        let document = app
            .db
            .read(move |connection| {
                let before = documents::state::find(connection, before)?.ok_or_else(lost)?;
                documents::state::newest_of(connection, before.petition_id)?.ok_or_else(lost)
            })
            .await?;
        self.live.insert(key, LivePetition { agency, document: document.id, ..live.clone() });
        Ok(())
    }

    async fn by_petitioner(&self, live: &LivePetition, action: &DemoAction) -> Result<(), ServiceError> {
        let (app, who, code) = (self.app, &live.petitioner, &live.code);
        match action {
            DemoAction::Reply(words) => reply::reply(app, who, code, None, (*words).to_owned(), Vec::new()).await?,
            DemoAction::Rate(score, comment) => rate::rate(app, who, code, None, *score, comment.clone()).await?,
            DemoAction::Reopen(reason) => reopen::reopen(app, who, code, None, (*reason).to_owned()).await?,
            DemoAction::Withdraw(reason) => withdraw::withdraw(app, who, code, None, Some((*reason).to_owned())).await?,
            _ => return Err(lost()),
        };
        Ok(())
    }

    async fn by_clerk_or_handler(&self, live: &LivePetition, staff: &Staff, action: &DemoAction) -> Result<(), ServiceError> {
        let (app, handler, id) = (self.app, &staff.handler, live.document);
        match action {
            DemoAction::Accept => accept::accept(app, &staff.clerk, id, None).await?,
            DemoAction::Ask(question) => ask::ask(app, handler, id, None, (*question).to_owned()).await?,
            DemoAction::Extend(until, reason) => extend::extend(app, handler, id, None, *until, (*reason).to_owned()).await?,
            DemoAction::Note(text) => note::note(app, handler, id, None, (*text).to_owned()).await?,
            DemoAction::Submit => submit::submit(app, handler, id, None).await?,
            DemoAction::Draft(words, outcome, promised_on) => {
                let answer = draft::Draft::check(words, *outcome, *promised_on)?;
                draft::draft(app, handler, id, None, answer).await?
            }
            _ => return Err(lost()),
        };
        Ok(())
    }

    async fn by_leader(&self, live: &LivePetition, staff: &Staff, action: &DemoAction) -> Result<(), ServiceError> {
        let (app, leader, id) = (self.app, &staff.leader, live.document);
        match action {
            DemoAction::Assign => assign::assign(app, leader, id, None, staff.handler_username.clone()).await?,
            DemoAction::GrantExtension => extend::grant_extension(app, leader, id, None).await?,
            DemoAction::DenyExtension(words) => extend::deny_extension(app, leader, id, None, (*words).to_owned()).await?,
            DemoAction::SendBack(words) => send_back::send_back(app, leader, id, None, (*words).to_owned()).await?,
            DemoAction::Approve => approve::approve(app, leader, id, None).await?,
            DemoAction::GrantReopening => reopen::decide_by_leader(app, leader, id, None, ReopeningDecision::Grant).await?,
            DemoAction::DenyReopening(words) => {
                reopen::decide_by_leader(app, leader, id, None, ReopeningDecision::deny(words)?).await?
            }
            DemoAction::Refuse(reason, words) => {
                let decision = RefusalDecision::check(*reason, Some((*words).to_owned()))?;
                refuse::refuse_document(app, leader, id, None, decision).await?
            }
            DemoAction::RefuseByCoordinator(reason, words) => {
                let decision = RefusalDecision::check(*reason, Some((*words).to_owned()))?;
                let caller = Caller::account(self.cast.coordinator.clone());
                refuse::refuse_petition(app, &caller, &live.code, None, decision).await?;
                id
            }
            DemoAction::Merge(into) => {
                let into = self.live.get(into).ok_or_else(lost)?.code.clone();
                merge::merge_document(app, leader, id, None, into).await?
            }
            _ => return Err(lost()),
        };
        Ok(())
    }
}
