//! Servers and packages that some tests need and `tests/run` provides. A plain `cargo test` goes without those tests; a run that promises
//! all of them (`PAKN_TEST_ALL`) fails when something is not there, so that nothing is left out unseen.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]

/// What a variable names; none where nobody promised it.
pub fn provided(variable: &str) -> Option<String> {
    let found = std::env::var(variable).ok();
    assert!(found.is_some() || std::env::var_os("PAKN_TEST_ALL").is_none(), "{variable} is not set");
    found
}
