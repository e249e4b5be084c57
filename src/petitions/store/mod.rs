//! Storage of petitions: state, texts, petitioner, deadline, answers and requests.

pub mod answers;
mod columns;
pub mod deadlines;
pub mod documents;
pub mod list;
pub mod moderations;
pub mod open;
pub mod petitioners;
pub mod publications;
pub mod record_digests;
pub mod requests;
pub mod state;
pub mod texts;
pub mod timeline;

pub use answers::AnswerRow;
pub use deadlines::DeadlineRow;
pub use petitioners::{PetitionerIdentity, PetitionerRow};
pub use requests::RequestRow;
pub use state::PetitionRow;
pub use texts::TextRow;
