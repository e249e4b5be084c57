//! The pure rules of the figures: facts of a petition, their counts, and how an event changes the counts.
//!
//! They implement docs/figures.md §2 and §3. `figures::statistics::apply` uses them to update the rollup rows at each
//! event; the recount and queries about the past use them on the timeline, so both ways give the same result.

pub mod change;
pub mod counters;
pub mod dimension;
pub mod facts;
pub mod figures;
pub mod grain;
pub mod measure;
pub mod options;
pub mod period;
pub mod replay;
pub mod snapshot_code;
pub mod tally;
pub mod times;

pub use change::{FigureDelta, changes};
pub use counters::Counters;
pub use dimension::{Dimension, PetitionTraits};
pub use facts::{PetitionFacts, contribution, deltas};
pub use figures::{FigureValue, Figures};
pub use grain::Grain;
pub use options::{AgenciesAs, CompareWith, GroupBy, Order};
pub use replay::{FilingFacts, Replay, ReplayEntry, ReplayStep};
pub use tally::{AgencyShares, Tally};
pub use times::ProcessingTimes;

/// Version of the counting rules; published with every figure.
pub const RULE_VERSION: &str = "pakn-1";

/// The agency ID under which petitions on the coordinator's desk are counted; no agency has it.
pub const COORDINATION: crate::kernel::ids::AgencyId = crate::kernel::ids::AgencyId(0);
