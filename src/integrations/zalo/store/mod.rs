//! Tables of the Zalo integration: events and replies as queues, conversations, people, tokens.

mod columns;
pub mod conversations;
pub mod events;
pub mod people;
mod queue;
pub mod replies;
pub mod tokens;
