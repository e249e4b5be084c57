//! Webhook subscriptions: which events they want, and what events are called.

use crate::kernel::ids::{AgencyId, CategoryId, WebhookId};
use crate::petitions::rules::Action;

/// The filter of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub id: WebhookId,
    /// Wanted actions; empty means all.
    pub actions: Vec<Action>,
    /// Only petitions this agency is responsible for after the event.
    pub agency_id: Option<AgencyId>,
    pub category_id: Option<CategoryId>,
}

impl Subscription {
    /// Returns whether an event matches.
    #[must_use]
    pub fn admits(&self, action: Action, agency: Option<AgencyId>, category: CategoryId) -> bool {
        (self.actions.is_empty() || self.actions.contains(&action))
            && self.agency_id.is_none_or(|wanted| agency == Some(wanted))
            && self.category_id.is_none_or(|wanted| category == wanted)
    }
}

/// Returns the public name of an event, e.g. `petition.approve`.
#[must_use]
pub fn event_name(action: Action) -> String {
    format!("petition.{action}")
}
