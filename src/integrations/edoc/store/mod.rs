//! Tables of the document exchange: links of agencies, and one row per message in either direction.

mod columns;
pub mod links;
pub mod messages;
pub mod outbox;

pub use links::ExchangeLinkRow;
pub use messages::ExchangeMessageRow;
