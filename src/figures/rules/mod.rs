//! What the figures are made of: the facts of a petition, what they count for, and how an event changes the count.
//!
//! Pure rules of docs/figures.md §2 and §3. `figures::statistics::apply` feeds the rolled-up rows with them at each event;
//! the recount and every question about the past feed them with the timeline instead, so that both must agree.

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

/// Version of the rules by which figures are made; published with every figure.
pub const RULE_VERSION: &str = "pakn-1";

/// The holder number under which petitions on the coordinator's desk are counted; no agency has it.
pub const COORDINATION: crate::kernel::ids::AgencyId = crate::kernel::ids::AgencyId(0);
