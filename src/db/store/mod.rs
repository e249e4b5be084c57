//! The tables of the database's own duties: leases, first answers by key, leaky buckets.

pub mod buckets;
pub mod idempotency;
pub mod leases;
