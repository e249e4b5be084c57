//! Attachments on the wire: uploads at once and in pieces, files on their way out.

mod multipart;
pub mod tus;
pub mod upload;
