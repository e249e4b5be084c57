//! Lists the actions a caller may take on a petition now: the lifecycle table minus what the petition's history
//! excludes.
//!
//! Used to show buttons. The use cases check permissions themselves; this file omits the actions that they would
//! reject.

use super::extend;
use super::reopen;
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::petitions::access;
use crate::petitions::rules::lifecycle::{self, Capacity};
use crate::petitions::rules::{Action, RequestState, Status};
use crate::petitions::store::{PetitionRow, answers, list, petitioners};

/// Returns the actions the caller may try, in the order of the lifecycle table.
pub fn allowed_actions(
    app: &App,
    connection: &mut DbConnection,
    caller: &Caller,
    petition: &PetitionRow,
    tracking_hash: Option<&str>,
) -> Result<Vec<Action>, ServiceError> {
    let capacities = access::capacities(caller, petition, tracking_hash);
    let mut actions = Vec::new();
    for action in lifecycle::actions_for(petition.status, &capacities) {
        let fits = match action {
            Action::Extend => petition.extension == RequestState::None,
            Action::GrantExtension | Action::DenyExtension => {
                petition.extension == RequestState::Asked && may_decide_extension(app, connection, caller, petition)?
            }
            Action::GrantReopening | Action::DenyReopening => {
                petition.reopening == RequestState::Asked
                    && match &caller.actor {
                        Some(actor) => reopen::may_decide(connection, petition, actor.account_id)?,
                        None => false,
                    }
            }
            Action::Rate => answers::sent(connection, petition.id)?.is_some_and(|answer| answer.score.is_none()),
            Action::Reopen => may_reopen(app, connection, petition)?,
            Action::Withdraw => petition.first_answered_at.is_none() && list::duplicates_of(connection, petition.id)?.is_empty(),
            Action::ShowIdentity => petitioners::hides(connection, petition.id)?,
            Action::HideIdentity => !petitioners::hides(connection, petition.id)?,
            Action::Submit => answers::draft(connection, petition.id)?.is_some(),
            Action::Approve => {
                let author = answers::draft(connection, petition.id)?.map(|draft| draft.author_id);
                author.is_some() && author != caller.actor.as_ref().map(|actor| actor.account_id)
            }
            Action::Moderate => petition.first_answered_at.is_some() || petition.status == Status::AwaitingApproval,
            // Notes belong to documents, and a coordinator has no document.
            Action::Note => capacities.iter().any(|it| matches!(it, Capacity::Clerk | Capacity::Handler | Capacity::Leader)),
            _ => true,
        };
        if fits {
            actions.push(action);
        }
    }
    Ok(actions)
}

fn may_decide_extension(
    app: &App,
    connection: &mut DbConnection,
    caller: &Caller,
    petition: &PetitionRow,
) -> Result<bool, ServiceError> {
    let Some(actor) = &caller.actor else { return Ok(false) };
    let directory = directory::current(app, connection)?;
    extend::may_decide(connection, &directory, petition, actor.account_id)
}

fn may_reopen(app: &App, connection: &mut DbConnection, petition: &PetitionRow) -> Result<bool, ServiceError> {
    if petition.reopening != RequestState::None {
        return Ok(false);
    }
    let answered_at = answers::sent(connection, petition.id)?.and_then(|answer| answer.answered_at);
    Ok(answered_at.is_some_and(|at| app.now() <= at.plus(app.system_periods().close_after)))
}
