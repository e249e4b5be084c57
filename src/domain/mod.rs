//! The words and the rules of the field: types that cannot hold nonsense and decisions that need no database.
//!
//! | Word | Vietnamese | Here |
//! |---|---|---|
//! | petition | phản ánh, kiến nghị | [`petition`] |
//! | petitioner | người phản ánh | [`petitioner`] |
//! | agency | cơ quan, đơn vị | [`agency`] |
//! | area | địa bàn | [`area`] |
//! | category | lĩnh vực | [`category`] |
//! | incoming document | văn bản đến | [`petition::DocumentStatus`] |
//! | deadline | thời hạn giải quyết | [`deadline`] |
//! | document exchange | liên thông văn bản | [`exchange`], [`edxml`] |
//! | conversation on Zalo | trò chuyện qua Zalo | [`zalo`] |
//!
//! Nothing here reads or writes; of Diesel only the column derives on enums and ids are used.

#[macro_use]
mod checked_text;
#[macro_use]
pub mod text_enum;

pub mod account;
pub mod agency;
pub mod area;
pub mod attachment;
pub mod audit;
pub mod calendar;
pub mod category;
pub mod code;
pub mod commune_name;
pub mod deadline;
pub mod directory;
pub mod directory_code;
pub mod edxml;
pub mod email;
pub mod exchange;
pub mod field_problem;
pub mod guessing;
pub mod ids;
pub mod imprint;
pub mod instant;
pub mod invisible;
pub mod json_object;
pub mod lang;
pub mod location;
pub mod masking;
pub mod measure;
pub mod oidc;
pub mod outbox;
pub mod partner;
pub mod password;
pub mod period;
pub mod personal_id;
pub mod petition;
pub mod petitioner;
pub mod phone;
pub mod refusal;
pub mod routing;
pub mod routing_rule;
pub mod search_text;
pub mod snapshot_code;
pub mod source;
pub mod statistics;
pub mod tax_code;
pub mod text;
pub mod timeline;
pub mod traces;
pub mod username;
pub mod validity;
pub mod webhook;
pub mod zalo;

pub use instant::Instant;
pub use lang::Lang;
