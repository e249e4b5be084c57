//! Servers and packages that some tests need and `tests/run` provides. A plain `cargo test` skips those tests; with
//! `PAKN_TEST_ALL` a missing one is a failure, so that no test is skipped unnoticed.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]

/// Returns the value of a variable; `None` if not set.
pub fn provided(variable: &str) -> Option<String> {
    let found = std::env::var(variable).ok();
    assert!(found.is_some() || std::env::var_os("PAKN_TEST_ALL").is_none(), "{variable} is not set");
    found
}
