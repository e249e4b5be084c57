//! `pakn subject …`: data subject rights (export, erasure) from the server's command line.

use super::account::refused;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::AccountId;
use crate::personal::{DataSubject, ErasureOutcome, SubjectAccount, claiming_accounts, erase, export};
use anyhow::{anyhow, bail};
use clap::{Args, Subcommand};

/// What a person may ask for.
#[derive(Debug, Subcommand)]
pub enum SubjectCommand {
    /// Prints everything that is held about somebody as JSON
    Export(NamedPerson),
    /// Takes somebody out of their account and their handled petitions; refused while a petition is open
    Erase(NamedPerson),
}

/// Whose data are meant.
#[derive(Debug, Args)]
pub struct NamedPerson {
    /// Their phone or e-mail, in any spelling
    subject: String,
    /// Their account, where accounts name this contact and none has proven it; `none` where no account is theirs
    #[arg(long, value_name = "ID|none", value_parser = account_of)]
    account: Option<SubjectAccount>,
}

fn account_of(text: &str) -> Result<SubjectAccount, String> {
    match text {
        "none" => Ok(SubjectAccount::NoneOfThem),
        id => {
            let id = id.parse::<i64>().map_err(|_| "the number of an account, or none".to_owned())?;
            Ok(SubjectAccount::Named(AccountId(id)))
        }
    }
}

impl NamedPerson {
    fn read(&self) -> anyhow::Result<DataSubject> {
        let subject = DataSubject::read(&self.subject).map_err(|_| anyhow!("this is neither a phone nor an e-mail"))?;
        Ok(subject.with_account(self.account.unwrap_or_default()))
    }
}

/// Runs the command.
pub async fn run(app: &App, command: SubjectCommand) -> anyhow::Result<()> {
    match command {
        SubjectCommand::Export(person) => {
            let subject = person.read()?;
            let held = explained(app, &subject, export(app, &subject).await).await?;
            outln!("{}", serde_json::to_string_pretty(&held)?);
        }
        SubjectCommand::Erase(person) => {
            let subject = person.read()?;
            match explained(app, &subject, erase(app, &subject).await).await? {
                ErasureOutcome::Refused(codes) => {
                    bail!("nothing was erased: these petitions are open and have to be answered first: {}", codes.join(", "))
                }
                ErasureOutcome::Done(accounts, petitions, people) => {
                    outln!("anonymised {accounts} accounts, {petitions} petitions, {people} people on Zalo");
                }
            }
        }
    }
    Ok(())
}

/// Adds the accounts to choose from to the error, without revealing anything about their holders.
async fn explained<T>(app: &App, subject: &DataSubject, done: Result<T, ServiceError>) -> anyhow::Result<T> {
    let error = match done {
        Ok(done) => return Ok(done),
        Err(error) => error,
    };
    let is_only_claimed = |error: &ServiceError| match error {
        ServiceError::Invalid(problems) => problems.iter().any(|problem| matches!(problem.rule, FieldRule::OnlyClaimed(_))),
        _ => false,
    };
    if !is_only_claimed(&error) {
        return Err(refused(error));
    }
    let accounts = claiming_accounts(app, subject).await?;
    let lines: Vec<String> = accounts.iter().map(|(id, day)| format!("{id} of {day}")).collect();
    Err(refused(error).context(format!("name the account of the person with --account, or none of them: {}", lines.join(", "))))
}
