//! `/channels/zalo` and what the Mini App calls.

pub mod admin;
pub mod authorised;
pub mod mini_app;
pub mod webhook;
