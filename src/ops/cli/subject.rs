//! `pakn subject …`: the rights of the data subject, from the server's own command line.

use crate::app::App;
use crate::personal::{DataSubject, ErasureOutcome, erase, export};
use anyhow::{anyhow, bail};
use clap::Subcommand;

/// What a person may ask for.
#[derive(Debug, Subcommand)]
pub enum SubjectCommand {
    /// Prints everything that is held about somebody as JSON
    Export {
        /// Their phone or e-mail, in any spelling
        subject: String,
    },
    /// Takes somebody out of their account and their handled petitions; refused while a petition is open
    Erase {
        /// Their phone or e-mail, in any spelling
        subject: String,
    },
}

/// Does it.
pub async fn run(app: &App, command: SubjectCommand) -> anyhow::Result<()> {
    let read = |text: &str| DataSubject::read(text).map_err(|_| anyhow!("this is neither a phone nor an e-mail"));
    match command {
        SubjectCommand::Export { subject } => {
            outln!("{}", serde_json::to_string_pretty(&export(app, &read(&subject)?).await?)?);
        }
        SubjectCommand::Erase { subject } => match erase(app, &read(&subject)?).await? {
            ErasureOutcome::Refused(codes) => {
                bail!("nothing was erased: these petitions are open and have to be answered first: {}", codes.join(", "))
            }
            ErasureOutcome::Done(accounts, petitions, people) => {
                outln!("anonymised {accounts} accounts, {petitions} petitions, {people} people on Zalo");
            }
        },
    }
    Ok(())
}
