//! `pakn config`: shows the effective settings after all sources were read, or everything that is wrong with
//! them.

use crate::app::App;
use crate::config::{Config, ConfigError, Overrides};
use crate::ops::telemetry;
use crate::web::tls;

/// Shows every setting, also unset ones, with its source; secrets hidden.
#[derive(Debug, clap::Args)]
pub(super) struct ShowConfig {
    /// Shows nothing but what is wrong with the settings, all at once; exit status 78 where anything is.
    #[arg(long)]
    check: bool,
}

/// The settings have errors, and each one was printed.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be used")]
pub(super) struct FaultyConfig;

impl ShowConfig {
    /// Prints a file that `--config` accepts, or one line per error.
    pub fn run(self, overrides: Overrides) -> anyhow::Result<()> {
        if self.check {
            return check(overrides);
        }
        super::out::text(&super::configured(overrides)?.describe());
        Ok(())
    }
}

/// Prints every setting that would make `serve` fail, without opening the database or the data folder.
fn check(overrides: Overrides) -> anyhow::Result<()> {
    let (config, mut faults) = Config::examine(overrides);
    if faults.is_whole() {
        faults_of_parts(&config).into_iter().for_each(|fault| faults.add(fault));
    }
    if faults.is_empty() {
        outln!("configuration is valid");
        return Ok(());
    }
    faults.lines(&config.origins).iter().for_each(|line| outln!("{line}"));
    Err(FaultyConfig.into())
}

/// Errors that only show when the parts of the application are built.
fn faults_of_parts(config: &Config) -> Vec<ConfigError> {
    let mut faults = App::faults(config);
    faults.extend(telemetry::filter(config).err());
    let tls = tls::server_config(config).err();
    faults.extend(tls.map(|error| ConfigError::unusable("tls_certificate_file", &error.to_string())));
    faults
}
