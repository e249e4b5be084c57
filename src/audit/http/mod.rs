//! HTTP handlers of the audit record: its entries for administrators, its signed heads for the public.

pub mod admin;
pub mod heads;
