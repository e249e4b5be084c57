//! The keys of personal data: given as settings, or a file in the data folder that the first start makes.

use super::Config;
use super::ConfigFaults;
use super::Secret;
use super::check::SHORTEST_KEY;
use crate::db::Vault;
use std::path::PathBuf;

/// File of the keys of personal data, in the data folder.
pub const PERSONAL_KEYS_FILE: &str = "personal.keys";

impl Config {
    /// The file of the keys of personal data.
    #[must_use]
    pub fn personal_keys_file(&self) -> PathBuf {
        self.data_dir.join(PERSONAL_KEYS_FILE)
    }

    /// The keys of personal data.
    #[must_use]
    pub fn vault(&self) -> Vault {
        match self.personal_keys.as_slice() {
            [] => Vault::of_file(self.personal_keys_file()),
            keys => Vault::of_secrets(&keys.iter().map(Secret::reveal).collect::<Vec<_>>()),
        }
    }

    pub(super) fn check_personal_keys(&self, faults: &mut ConfigFaults) {
        if self.personal_keys.iter().any(|key| key.reveal().len() < SHORTEST_KEY) {
            faults.unusable("personal_keys", "each needs at least 32 characters");
        }
    }
}
