//! The lifecycle as a table: which action, from which statuses, by whom, to which statuses (docs/contract.md §4.2).
//!
//! Every use case calls [`permit`] first, lists of allowed actions come from [`actions_for`], and one test checks every
//! (status, action, capacity) triple. Conditions beyond the table (a draft exists, the extension was not used) belong
//! to the use cases.

use super::Action;
use super::Status;
use crate::kernel::error_code::ErrorCode;

text_enum! {
    /// The capacity in which a caller acts on one petition; one account may have several.
    Capacity {
        /// Any caller who files.
        Anyone = "anyone",
        /// The account or guest that filed it.
        Petitioner = "petitioner",
        /// A coordinator of the province.
        Coordinator = "coordinator",
        /// A clerk of the holding agency.
        Clerk = "clerk",
        /// A handler of the holding agency.
        Handler = "handler",
        /// A leader of the holding agency.
        Leader = "leader",
        /// The worker.
        System = "system",
    }
}

/// One row of the lifecycle table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    pub action: Action,
    /// Allowed statuses before the action; empty for filing.
    pub from: &'static [Status],
    pub by: &'static [Capacity],
    /// Possible statuses after the action; empty when the status stays.
    pub to: &'static [Status],
}

use Action as A;
use Capacity::{Anyone, Clerk, Coordinator, Handler, Leader, Petitioner, System};
use Status::{
    Answered, Assigned, AwaitingApproval, Closed, Duplicate, InProgress, Received, Refused, WaitingForPetitioner, Withdrawn,
};

const OPEN: &[Status] = &[Received, Assigned, InProgress, WaitingForPetitioner, AwaitingApproval];
const LIVING: &[Status] = &[Received, Assigned, InProgress, WaitingForPetitioner, AwaitingApproval, Answered, Closed];
const ANY: &[Status] = Status::ALL;
const AGENCY: &[Capacity] = &[Clerk, Handler, Leader];

const fn row(action: Action, from: &'static [Status], by: &'static [Capacity], to: &'static [Status]) -> Transition {
    Transition { action, from, by, to }
}

/// The lifecycle table.
pub const TABLE: &[Transition] = &[
    row(A::File, &[], &[Anyone], &[Received, Assigned]),
    row(A::Route, &[Received], &[Coordinator, System], &[Assigned]),
    row(A::Refuse, &[Received], &[Coordinator], &[Refused]),
    row(A::Refuse, &[Assigned], &[Coordinator, Leader], &[Refused]),
    row(A::Accept, &[Assigned], AGENCY, &[InProgress]),
    // For steps reported by the agency's own document system the system acts in its place; see `integrations::edoc`.
    row(A::Accept, &[Assigned], &[System], &[InProgress]),
    row(A::Assign, &[Assigned, InProgress], &[Leader], &[InProgress]),
    row(A::Transfer, &[Assigned, InProgress], &[Clerk, Leader], &[Assigned, Received]),
    row(A::Return, &[Assigned], &[Clerk, Leader, System], &[Received]),
    row(A::Ask, &[InProgress], &[Handler, Leader], &[WaitingForPetitioner]),
    row(A::Reply, &[WaitingForPetitioner], &[Petitioner], &[InProgress]),
    row(A::NoReply, &[WaitingForPetitioner], &[System], &[Refused]),
    row(A::Extend, &[InProgress], &[Handler], &[InProgress]),
    row(A::GrantExtension, &[InProgress], &[Leader], &[InProgress]),
    row(A::DenyExtension, &[InProgress], &[Leader], &[InProgress]),
    row(A::Draft, &[InProgress], &[Handler, Leader, System], &[InProgress]),
    row(A::Submit, &[InProgress], &[Handler, System], &[AwaitingApproval, Answered]),
    row(A::Approve, &[AwaitingApproval], &[Leader], &[Answered]),
    row(A::SendBack, &[AwaitingApproval], &[Leader], &[InProgress]),
    row(A::Rate, &[Answered], &[Petitioner], &[Closed, Answered]),
    row(A::Reopen, &[Answered, Closed], &[Petitioner], &[]),
    // Where the agency that answered has ended, its successor begins again, or the coordinator routes the petition.
    row(A::GrantReopening, &[Answered, Closed], &[Leader, Coordinator], &[InProgress, Assigned, Received]),
    row(A::DenyReopening, &[Answered, Closed], &[Leader, Coordinator], &[]),
    row(A::Withdraw, OPEN, &[Petitioner], &[Withdrawn]),
    row(A::ShowIdentity, LIVING, &[Petitioner], &[]),
    row(A::HideIdentity, LIVING, &[Petitioner], &[]),
    row(A::Merge, OPEN, &[Coordinator, Leader], &[Duplicate]),
    row(A::Close, &[Answered], &[System], &[Closed]),
    row(A::ShareAnswer, &[Duplicate], &[System], &[]),
    row(A::Moderate, LIVING, &[Leader, Coordinator], &[]),
    row(A::Note, ANY, &[Clerk, Handler, Leader, Coordinator, System], &[]),
    row(A::RecomputeDeadline, OPEN, &[System], &[]),
    row(A::Reorganise, &[Assigned, InProgress, AwaitingApproval], &[System], &[Assigned, Received]),
    // The question stays pending, and the clock stays paused.
    row(A::Reorganise, &[WaitingForPetitioner], &[System], &[WaitingForPetitioner, Received]),
];

/// Checks whether these capacities may perform the action in this status.
///
/// # Errors
/// [`ErrorCode::RoleMissing`] when no row of the action names one of the capacities, [`ErrorCode::WrongState`] when one
/// does, but not from this state.
pub fn permit(action: Action, status: Status, capacities: &[Capacity]) -> Result<&'static Transition, ErrorCode> {
    let mut role_known = false;
    for row in TABLE.iter().filter(|row| row.action == action) {
        if row.by.iter().any(|capacity| capacities.contains(capacity)) {
            if row.from.contains(&status) {
                return Ok(row);
            }
            role_known = true;
        }
    }
    Err(if role_known { ErrorCode::WrongState } else { ErrorCode::RoleMissing })
}

/// Returns every action these capacities may try in this status, in table order.
#[must_use]
pub fn actions_for(status: Status, capacities: &[Capacity]) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    for row in TABLE {
        let allowed = row.from.contains(&status) && row.by.iter().any(|capacity| capacities.contains(capacity));
        if allowed && !actions.contains(&row.action) {
            actions.push(row.action);
        }
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_row() {
        for action in Action::ALL {
            assert!(TABLE.iter().any(|row| row.action == *action), "{action} has no row");
        }
    }

    #[test]
    fn closed_states_stay_closed() {
        for status in [Refused, Withdrawn, Duplicate] {
            assert_eq!(actions_for(status, &[Petitioner, Coordinator, Clerk, Handler, Leader]), vec![A::Note]);
        }
    }

    #[test]
    fn a_wrong_role_is_told_before_a_wrong_state() {
        assert_eq!(permit(A::Approve, Received, &[Handler]), Err(ErrorCode::RoleMissing));
        assert_eq!(permit(A::Approve, Received, &[Leader]), Err(ErrorCode::WrongState));
        assert_eq!(permit(A::Refuse, Received, &[Leader]), Err(ErrorCode::WrongState));
        assert!(permit(A::Refuse, Assigned, &[Leader]).is_ok());
    }

    #[test]
    fn only_open_states_can_be_merged() {
        for status in Status::ALL {
            assert_eq!(permit(A::Merge, *status, &[Coordinator]).is_ok(), status.is_open());
        }
    }
}
