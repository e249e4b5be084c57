//! Tables for people: one model, written as CSV or as XLSX.
//!
//! A report fills a [`sheet::Sheet`]; how it looks on paper is decided in the writers and nowhere else.

pub mod csv;
pub mod register;
pub mod sheet;
pub mod xlsx;
