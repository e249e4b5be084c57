//! By what the rolled-up rows are kept apart, beside the agency and the days.

use crate::domain::deadline::Urgency;
use crate::domain::ids::{AreaId, CategoryId};
use crate::domain::petition::{Channel, PetitionerKind};

text_enum! {
    /// One way of keeping petitions apart; two of them together need the petitions themselves.
    Dimension {
        /// Not at all.
        All = "all",
        /// By category.
        Category = "category",
        /// By channel.
        Channel = "channel",
        /// By petitioner kind.
        PetitionerKind = "petitioner_kind",
        /// By urgency.
        Urgency = "urgency",
        /// By the commune of the case.
        Area = "area",
    }
}

/// By what petitions can be kept apart, of one petition; all of it stays as it was at the filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits {
    /// Its category.
    pub category_id: CategoryId,
    /// How it came in.
    pub channel: Channel,
    /// Person or business.
    pub petitioner_kind: PetitionerKind,
    /// How urgent it is.
    pub urgency: Urgency,
    /// The commune of the case.
    pub area_id: AreaId,
}

impl Dimension {
    /// The value of a petition, as the rolled-up rows write it.
    #[must_use]
    pub fn value_of(self, traits: &Traits) -> String {
        match self {
            Self::All => String::new(),
            Self::Category => traits.category_id.to_string(),
            Self::Channel => traits.channel.to_string(),
            Self::PetitionerKind => traits.petitioner_kind.to_string(),
            Self::Urgency => traits.urgency.to_string(),
            Self::Area => traits.area_id.to_string(),
        }
    }
}
