//! Paths of the folders of a process.

use super::Config;
use std::path::PathBuf;

impl Config {
    /// Returns the folder of the document exchange.
    #[must_use]
    pub fn exchange_folder(&self) -> PathBuf {
        self.data_dir.join(&self.exchange_dir)
    }
}
