//! Tables of the database layer itself: leases, idempotency keys, leaky buckets.

pub mod buckets;
pub mod idempotency;
pub mod leases;
