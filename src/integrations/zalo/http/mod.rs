//! `/channels/zalo`, the endpoints of the Mini App, and `/admin/zalo`.

pub mod admin;
pub mod authorised;
pub mod mini_app;
pub mod webhook;
