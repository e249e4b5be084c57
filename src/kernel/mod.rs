//! Domain types and pure rules shared by all modules: validated values, ids, error codes, time.
//!
//! | Term | Vietnamese | Where |
//! |---|---|---|
//! | petition | phản ánh, kiến nghị | [`petitions`](crate::petitions::rules) |
//! | petitioner | người phản ánh | [`petitioner`](crate::petitions::rules::petitioner) |
//! | agency | cơ quan, đơn vị | [`agency`](crate::directory::rules::agency) |
//! | area | địa bàn | [`area`](crate::directory::rules::area) |
//! | category | lĩnh vực | [`category`](crate::directory::rules::category) |
//! | incoming document | văn bản đến | [`DocumentStatus`](crate::petitions::rules::DocumentStatus) |
//! | deadline | thời hạn giải quyết | [`deadline`](crate::directory::rules::deadline) |
//! | document exchange | liên thông văn bản | [`edoc`](crate::integrations::edoc::rules) |
//! | conversation on Zalo | trò chuyện qua Zalo | [`zalo`](crate::integrations::zalo::rules) |
//!
//! Nothing here does I/O except [`clock`] and [`entropy`]; from Diesel only the column derives on enums and ids
//! are used.

#[macro_use]
mod checked_text;
#[macro_use]
pub mod text_enum;

pub mod account;
pub mod client_address;
pub mod clock;
pub(crate) mod csv_text;
pub mod email;
pub mod entropy;
pub mod entropy_estimate;
pub mod error_code;
pub mod field_problem;
pub mod ids;
pub mod instant;
pub mod invisible;
pub mod json_object;
pub mod lang;
pub mod location;
pub mod paging;
pub mod personal_id;
pub mod phone;
pub mod record_digest;
pub mod seal;
pub mod search_text;
pub mod tax_code;
pub mod text;
pub mod validity;

pub use instant::Instant;
pub use lang::Lang;
