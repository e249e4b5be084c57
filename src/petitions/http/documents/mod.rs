//! HTTP routes for officers: the inbox, single documents and the actions on them.

pub mod act;
pub mod answer;
pub mod decide;
pub mod inbox;
pub mod read;
