//! The dimensions by which rollup rows are split, besides agency and days.

use crate::directory::rules::deadline::Urgency;
use crate::kernel::ids::{AreaId, CategoryId};
use crate::petitions::rules::{Channel, PetitionerKind};

text_enum! {
    /// A dimension of the rollup rows. A query that combines two of them must count single petitions.
    Dimension {
        /// No split.
        All = "all",
        Category = "category",
        Channel = "channel",
        PetitionerKind = "petitioner_kind",
        Urgency = "urgency",
        /// The commune of the case.
        Area = "area",
    }
}

/// The dimension values of one petition; they never change after filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PetitionTraits {
    pub category_id: CategoryId,
    pub channel: Channel,
    /// Person or business.
    pub petitioner_kind: PetitionerKind,
    pub urgency: Urgency,
    /// The commune of the case.
    pub area_id: AreaId,
}

impl Dimension {
    /// Returns the petition's value as stored in rollup rows.
    #[must_use]
    pub fn value_of(self, traits: &PetitionTraits) -> String {
        match self {
            Self::All => String::new(),
            Self::Category => traits.category_id.to_string(),
            Self::Channel => traits.channel.to_string(),
            Self::PetitionerKind => traits.petitioner_kind.to_string(),
            Self::Urgency => traits.urgency.to_string(),
            Self::Area => traits.area_id.to_string(),
        }
    }

    /// Returns the petition's value as a number.
    #[must_use]
    pub fn number_of(self, traits: &PetitionTraits) -> i64 {
        match self {
            Self::All => 0,
            Self::Category => traits.category_id.0,
            Self::Channel => place(Channel::ALL, traits.channel),
            Self::PetitionerKind => place(PetitionerKind::ALL, traits.petitioner_kind),
            Self::Urgency => place(Urgency::ALL, traits.urgency),
            Self::Area => traits.area_id.0,
        }
    }

    /// Returns the stored value for a number.
    #[must_use]
    pub fn word_of(self, number: i64) -> String {
        fn word<T: ToString>(all: &[T], number: i64) -> String {
            usize::try_from(number).ok().and_then(|place| all.get(place)).map(ToString::to_string).unwrap_or_default()
        }
        match self {
            Self::All => String::new(),
            Self::Category | Self::Area => number.to_string(),
            Self::Channel => word(Channel::ALL, number),
            Self::PetitionerKind => word(PetitionerKind::ALL, number),
            Self::Urgency => word(Urgency::ALL, number),
        }
    }
}

fn place<T: PartialEq>(all: &[T], wanted: T) -> i64 {
    all.iter().position(|word| *word == wanted).and_then(|place| i64::try_from(place).ok()).unwrap_or_default()
}
