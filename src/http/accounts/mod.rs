//! Accounts over HTTP: `/auth/*` for getting in and out, `/me` for one's own account.

pub mod auth;
pub mod me;
pub mod view;
