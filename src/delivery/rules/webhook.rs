//! Another system that wants to know of events: which ones.

use crate::kernel::ids::{AgencyId, CategoryId, WebhookId};
use crate::petitions::rules::Action;

/// What a subscription admits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Which subscription.
    pub id: WebhookId,
    /// The wanted actions; all when empty.
    pub actions: Vec<Action>,
    /// Only of petitions that this agency holds after the event.
    pub agency_id: Option<AgencyId>,
    /// Only of this category.
    pub category_id: Option<CategoryId>,
}

impl Subscription {
    /// Whether an event is wanted.
    #[must_use]
    pub fn admits(&self, action: Action, agency: Option<AgencyId>, category: CategoryId) -> bool {
        (self.actions.is_empty() || self.actions.contains(&action))
            && self.agency_id.is_none_or(|wanted| agency == Some(wanted))
            && self.category_id.is_none_or(|wanted| category == wanted)
    }
}

/// The name of an event for other systems, as `petition.approve`.
#[must_use]
pub fn event_name(action: Action) -> String {
    format!("petition.{action}")
}
