//! `pakn backup`: a copy of the embedded database in one file, taken while the server goes on.
//!
//! The copy is the state of one moment: every petition that was acknowledged before the command was given is in it. It holds
//! personal data, so only its owner can read it. Not in it: the key of the access tokens, which stays in the data folder;
//! without it a restored server refuses the access tokens that were handed out (they last a quarter of an hour; clients get
//! new ones with their refresh tokens, which are in the copy). For PostgreSQL `pg_dump` does this; the command says how.

use crate::cli::audit;
use crate::config::Config;
use crate::services::audit::Deed;
use crate::storage::{DatabaseUrl, backup};
use anyhow::bail;
use std::path::PathBuf;

/// Copies the embedded database into a new file; the server may go on.
#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    /// The new file; an existing one is never overwritten
    file: PathBuf,
}

impl Backup {
    /// Writes the copy and says what is in it.
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let address = config.address()?;
        if address.sqlite_path().is_none() {
            bail!("{}", with_pg_dump(&address));
        }
        let file = self.file.clone();
        let contents = tokio::task::spawn_blocking(move || backup::back_up(&address, &file)).await??;
        say!("{}: {} bytes, {} petitions", self.file.display(), contents.bytes, contents.petitions);
        if contents.missing_migrations == 0 {
            let deed = Deed::new("back_up", "database", "backup").tell("petitions", contents.petitions);
            audit::written_down(config, deed).await?;
        }
        say!(
            "Not in it: the key of the access tokens in {}; keep a copy of that folder's *.key apart.",
            config.data_dir.display()
        );
        Ok(())
    }
}

fn with_pg_dump(address: &DatabaseUrl) -> String {
    let database = address.without_password();
    format!(
        "PostgreSQL is copied with its own tool, while the servers go on:\n    \
         pg_dump --format=custom --no-owner --file=<file> '{database}'\n\
         The password comes from PGPASSWORD or ~/.pgpass."
    )
}
