//! The keys that encrypt personal data: from the settings, or from a file in the data folder that the first
//! start creates.

use super::Config;
use super::ConfigFaults;
use super::Secret;
use super::check::SHORTEST_KEY;
use crate::db::Vault;
use std::path::PathBuf;

/// File name, in the data folder, of the personal data keys.
pub const PERSONAL_KEYS_FILE: &str = "personal.keys";

impl Config {
    /// Returns the path of the personal data key file.
    #[must_use]
    pub fn personal_keys_file(&self) -> PathBuf {
        self.data_dir.join(PERSONAL_KEYS_FILE)
    }

    /// Returns the vault with the personal data keys.
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
