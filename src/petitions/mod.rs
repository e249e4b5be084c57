//! The lifecycle of a petition, one file per step; read in the order of the list below.
//!
//! Each step is decided in its own file and stored by [`record`], the only function that writes a step. [`step`] loads
//! the data a decision needs and checks the lifecycle table first.

pub mod accept;
pub mod access;
pub mod allowed;
pub mod approve;
pub mod ask;
pub mod assign;
pub mod audit_events;
pub mod close;
pub mod concealed;
pub mod deadline_view;
pub(crate) mod decision;
pub mod documents;
pub mod draft;
mod due;
pub mod duplicates;
pub mod event;
pub mod extend;
pub mod file;
pub mod filing;
pub mod hand_back;
pub mod hide_identity;
pub mod history;
pub mod http;
pub mod identity_access;
pub mod list;
pub mod merge;
mod new_rows;
pub mod note;
pub mod open;
pub mod original;
pub mod public;
pub mod publication;
pub mod rate;
pub mod read;
pub mod recompute;
pub mod record;
pub mod refuse;
pub mod reopen;
pub mod reorganise;
pub mod reply;
pub mod route;
pub mod rules;
pub mod send_back;
pub mod serve;
pub mod step;
pub mod step_digests;
pub mod store;
pub mod submit;
pub mod timeline;
pub mod transfer;
pub mod withdraw;

pub(crate) use decision::checked;
pub use recompute::recompute_deadlines;
