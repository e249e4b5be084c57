//! `pakn config`: what is in force after all sources were read.

use crate::config::Config;

/// Shows every setting, also unset ones, with its source; secrets hidden.
#[derive(Debug, clap::Args)]
pub(super) struct ShowConfig {}

impl ShowConfig {
    /// Prints a file that could be given to `--config`.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        super::out::text(&config.describe());
        Ok(())
    }
}
