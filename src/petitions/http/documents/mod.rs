//! Incoming documents as officers meet them: the inbox, one document, what is done with it.

pub mod act;
pub mod answer;
pub mod decide;
pub mod inbox;
pub mod read;
