//! `pakn verify`: reads everything that is stored and says what does not agree; changes nothing.
//!
//! May run beside a server. One line for each check on standard output, before it one for each finding; exit status 1 when
//! there is any. On a large database run it at night: it reads every row.

use crate::config::Config;
use crate::services::verify::{self, Line};
use crate::storage::{Db, DbSettings};
use anyhow::{Context, bail};
use std::time::Duration;

/// Checks registers, timelines, petitions, publications, figures and the database below them.
#[derive(Debug, clap::Args)]
pub(super) struct Verify {}

impl Verify {
    /// Prints the report; fails when something is wrong.
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        // Opening would create an empty database and find it in order.
        super::must_exist(config)?;
        let db = Db::open(&DbSettings { statement_limit: Duration::ZERO, connections: 1, ..config.database()? })?;
        let outcome = verify::everything(&db, &mut |line| match line {
            Line::Finding(finding) => println!("    {finding}"),
            Line::Check(check) => println!("{check}"),
        })
        .await;
        db.close().await;
        match outcome.context("the database could not be read to the end")? {
            0 => Ok(()),
            1 => bail!("1 thing is wrong"),
            count => bail!("{count} things are wrong"),
        }
    }
}
