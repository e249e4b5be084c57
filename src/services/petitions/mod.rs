//! The life of a petition, one file per step; read in the order of the list below.
//!
//! Every step is decided in its own file and stored by [`record`], the one door. [`step`] loads what a decision needs
//! and asks the table of the life first.

pub mod file;
pub mod filing;
pub mod route;
pub mod accept;
pub mod assign;
pub mod transfer;
pub mod hand_back;
pub mod refuse;
pub mod ask;
pub mod reply;
pub mod extend;
pub mod draft;
pub mod submit;
pub mod approve;
pub mod send_back;
pub mod rate;
pub mod reopen;
pub mod withdraw;
pub mod merge;
pub mod close;
pub mod note;
pub mod recompute;
pub mod read;
pub mod list;
pub mod timeline;
pub mod record;
pub mod step;

pub use recompute::recompute_deadlines;
