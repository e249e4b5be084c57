//! Query options besides period and measures: grouping, comparison, order.

use crate::figures::rules::Dimension;

text_enum! {
    /// What the rows of an answer stand for.
    GroupBy {
        /// No rows, only the total.
        None = "none",
        /// One row for each agency that has any figure.
        Agency = "agency",
        /// One row for each district with everything in it; provincial bodies together are the row of the province.
        District = "district",
        /// Province, district and commune level.
        Level = "level",
        /// One row for each category.
        Category = "category",
        /// One row for each channel.
        Channel = "channel",
        /// Citizens and businesses.
        PetitionerKind = "petitioner_kind",
        /// Normal, urgent, complex.
        Urgency = "urgency",
        /// One row for each month of receipt.
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
    /// Under which agencies figures are shown that come from before a reform.
    AgenciesAs {
        /// Under those that held the petitions.
        AsWas = "as_was",
        /// Under those that have their tasks today.
        Today = "today",
    }
}

text_enum! {
    /// With which earlier period a summary is compared.
    CompareWith {
        /// The period of equal length just before.
        Previous = "previous",
        /// Cùng kỳ: the same dates one year earlier.
        Year = "year",
    }
}

text_enum! {
    /// From which end a ranking begins.
    Order {
        /// With the best.
        Best = "best",
        /// With the worst.
        Worst = "worst",
    }
}
