//! By what the rolled-up rows are kept apart, beside the agency and the days.

use crate::domain::statistics::Facts;

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
    }
}

impl Dimension {
    /// The value of a petition, as the rolled-up rows write it.
    #[must_use]
    pub fn value_of(self, facts: &Facts) -> String {
        match self {
            Self::All => String::new(),
            Self::Category => facts.category_id.to_string(),
            Self::Channel => facts.channel.to_string(),
            Self::PetitionerKind => facts.petitioner_kind.to_string(),
            Self::Urgency => facts.urgency.to_string(),
        }
    }
}
