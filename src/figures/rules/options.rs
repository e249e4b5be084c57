//! Query options besides period and measures: grouping, comparison, order.

use crate::figures::rules::Dimension;

text_enum! {
    /// The grouping of the result rows.
    GroupBy {
        /// No rows, only the total.
        None = "none",
        /// One row per agency that has any figure.
        Agency = "agency",
        /// One row per district with all its agencies; the provincial bodies together are the row of the province.
        District = "district",
        /// Province, district and commune level.
        Level = "level",
        Category = "category",
        Channel = "channel",
        /// Citizens and businesses.
        PetitionerKind = "petitioner_kind",
        /// Normal, urgent, complex.
        Urgency = "urgency",
        /// One row per month of receipt.
        Month = "month",
    }
}

impl GroupBy {
    /// Returns the dimension that the grouping needs.
    #[must_use]
    pub const fn dimension(self) -> Dimension {
        match self {
            Self::Category => Dimension::Category,
            Self::Channel => Dimension::Channel,
            Self::PetitionerKind => Dimension::PetitionerKind,
            Self::Urgency => Dimension::Urgency,
            _ => Dimension::All,
        }
    }

    /// Returns whether a row stands for a set of agencies.
    #[must_use]
    pub const fn is_of_agencies(self) -> bool {
        matches!(self, Self::Agency | Self::District | Self::Level)
    }
}

text_enum! {
    /// The agencies under which figures from before an administrative reform are shown.
    AgenciesAs {
        /// The agencies that held the petitions.
        AsWas = "as_was",
        /// The agencies responsible today.
        Today = "today",
    }
}

text_enum! {
    /// The earlier period that a summary is compared with.
    CompareWith {
        /// The period of equal length just before.
        Previous = "previous",
        /// Cùng kỳ: the same dates one year earlier.
        Year = "year",
    }
}

text_enum! {
    /// The order of a ranking.
    Order {
        Best = "best",
        Worst = "worst",
    }
}
