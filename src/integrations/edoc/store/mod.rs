//! The document exchange on the shelves: links of agencies, and one row for each message in either direction.

mod columns;
pub mod links;
pub mod messages;
pub mod outbox;

pub use links::ExchangeLinkRow;
pub use messages::ExchangeMessageRow;
