//! The audit record over HTTP: its entries for administrators, its signed heads for everybody.

pub mod admin;
pub mod heads;
