//! `pakn account …`: manages officer accounts from the server's command line; also creates the first
//! administrator.
//!
//! Called by `cli`; the work is done by `officers`. Rule: machine-readable output and one-time passwords go to
//! standard output, everything else to standard error.

use crate::accounts::Profile;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::Lang;
use crate::kernel::account::{AccountState, Role};
use crate::kernel::field_problem::FieldProblem;
use crate::officers::{self, Administrator, NewOfficer, OfficerSearch};
use anyhow::{Context, anyhow, bail};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Accounts read per query of `list`.
const PAGE: usize = 500;

/// What can be done with officers' accounts.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Makes an account; a one-time password is drawn and printed unless --password-stdin is given
    Create {
        /// What the officer signs in with: a–z, 0–9, `.`, `_`, `-`
        username: String,
        /// Code of the officer's agency
        #[arg(long)]
        agency: Option<String>,
        /// clerk, handler, leader, coordinator, reviewer or admin; may be given several times
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
        /// Full name; the user name unless given
        #[arg(long)]
        name: Option<String>,
        /// Reads the password from standard input; without it a one-time password is drawn and printed
        #[arg(long)]
        password_stdin: bool,
    },
    /// Makes or updates many accounts from a CSV file with `username,full_name,agency_code,roles[,password][,email]`
    Import {
        /// The file
        file: PathBuf,
    },
    /// Lists officers as CSV
    List {
        /// Code of their agency
        #[arg(long)]
        agency: Option<String>,
        /// One of their roles
        #[arg(long)]
        role: Option<String>,
        /// active or disabled
        #[arg(long)]
        state: Option<String>,
    },
    /// Bars an officer from signing in, at once
    Disable {
        /// What the officer signs in with
        username: String,
    },
    /// Lets an officer sign in again
    Enable {
        /// What the officer signs in with
        username: String,
    },
    /// Lets an officer who was wrong too often try again at once
    Unlock {
        /// What the officer signs in with
        username: String,
    },
    /// Takes a lost second factor away and ends all sessions of the officer
    RemoveSecondFactor {
        /// What the officer signs in with
        username: String,
    },
    /// Says that an account which an administrator had in hand is in the hands of its officer
    Confirm {
        /// What the officer signs in with
        username: String,
    },
    /// Draws a one-time password, prints it and ends all sessions of the officer
    Reset {
        /// What the officer signs in with
        username: String,
    },
}

/// Runs the command.
///
/// # Errors
/// Whatever was refused, as text for people; nothing was changed then.
pub async fn run(app: &App, command: AccountCommand) -> anyhow::Result<()> {
    let by = &Administrator::Operator;
    match command {
        AccountCommand::Create { username, agency, roles, name, password_stdin } => {
            let roles = roles.iter().map(|word| parse::<Role>("role", word)).collect::<Result<_, _>>()?;
            let password = if password_stdin { Some(password_from_stdin()?) } else { None };
            let full_name = name.unwrap_or_else(|| username.clone());
            let officer =
                NewOfficer { username, full_name, agency, roles, password, must_change_password: false, ..NewOfficer::default() };
            let created = officers::create(app, by, &officer, None).await.map_err(refused)?;
            if let Some(password) = created.initial_password {
                write_rows(["username", "password"], [[officer.username.clone(), password.reveal().to_owned()]])?;
            }
            errln!("created {}", officer.username);
        }
        AccountCommand::Import { file } => import(app, &file).await?,
        AccountCommand::List { agency, role, state } => {
            let role = role.map(|word| parse::<Role>("role", &word)).transpose()?;
            let state = state.map(|word| parse::<AccountState>("state", &word)).transpose()?;
            list(app, OfficerSearch { agency, role, state, q: None }).await?;
        }
        AccountCommand::Disable { username } => {
            let profile = find(app, &username).await?;
            officers::disable(app, by, profile.account.id).await.map_err(refused)?;
            errln!("disabled {username}");
        }
        AccountCommand::Enable { username } => {
            let profile = find(app, &username).await?;
            officers::enable(app, by, profile.account.id).await.map_err(refused)?;
            errln!("enabled {username}");
        }
        AccountCommand::Unlock { username } => {
            let profile = find(app, &username).await?;
            officers::unlock(app, by, profile.account.id).await.map_err(refused)?;
            errln!("unlocked {username}");
        }
        AccountCommand::RemoveSecondFactor { username } => {
            let profile = find(app, &username).await?;
            officers::remove_second_factor(app, by, profile.account.id).await.map_err(refused)?;
            errln!("{username} has no second factor any more");
        }
        AccountCommand::Confirm { username } => {
            let profile = find(app, &username).await?;
            officers::confirm_as_operator(app, profile.account.id).await.map_err(refused)?;
            errln!("confirmed {username}");
        }
        AccountCommand::Reset { username } => {
            let profile = find(app, &username).await?;
            let (_, password) = officers::reset(app, by, profile.account.id).await.map_err(refused)?;
            let rows = password.map(|password| [username, password.reveal().to_owned()]);
            write_rows(["username", "password"], rows)?;
        }
    }
    Ok(())
}

async fn find(app: &App, username: &str) -> anyhow::Result<Profile> {
    officers::find_by_username(app, &Administrator::Operator, username).await.map_err(refused).context(username.to_owned())
}

async fn import(app: &App, path: &Path) -> anyhow::Result<()> {
    let file = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("hashing passwords {bar:40} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    let progress = |done: usize, total: usize| {
        bar.set_length(u64::try_from(total).unwrap_or_default());
        bar.set_position(u64::try_from(done).unwrap_or_default());
    };
    let report = officers::import(app, &Administrator::Operator, &file, progress).await;
    bar.finish_and_clear();
    let report = report.map_err(refused)?;
    let drawn = report.created.iter().filter_map(|officer| {
        officer.initial_password.as_ref().map(|password| [officer.username.clone(), password.reveal().to_owned()])
    });
    write_rows(["username", "password"], drawn)?;
    errln!("{} created, {} updated, {} unchanged", report.created.len(), report.changed, report.unchanged);
    Ok(())
}

async fn list(app: &App, search: OfficerSearch) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let (page, has_more) =
            officers::list(app, &Administrator::Operator, search.clone(), after, PAGE).await.map_err(refused)?;
        after = page.last().map(|profile| profile.account.id);
        rows.extend(page.into_iter().map(row));
        if !has_more {
            break;
        }
    }
    write_rows(["username", "full_name", "agency_code", "roles", "state"], rows)
}

fn row(profile: Profile) -> [String; 5] {
    let account = profile.account;
    let roles: Vec<&str> = account.roles.iter().map(|role| role.as_str()).collect();
    [
        account.username.unwrap_or_default(),
        account.full_name,
        profile.agency.map(|agency| agency.code).unwrap_or_default(),
        roles.join(";"),
        account.state.to_string(),
    ]
}

fn write_rows<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> anyhow::Result<()> {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() && header == ["username", "password"].as_slice() {
        return Ok(());
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    super::out::text(&String::from_utf8(writer.into_inner()?)?);
    Ok(())
}

fn password_from_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("cannot read the password from standard input")?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        bail!("standard input has no password");
    }
    Ok(line.to_owned())
}

fn parse<T: std::str::FromStr<Err = crate::kernel::field_problem::FieldRule>>(field: &str, word: &str) -> anyhow::Result<T> {
    word.parse().map_err(|rule| refused(ServiceError::Invalid(vec![FieldProblem::new(field, rule)])))
}

/// Turns a refusal into text for people, one line per invalid field.
pub(super) fn refused(error: ServiceError) -> anyhow::Error {
    let sentence = |problem: &FieldProblem| {
        let message = problem.rule.message(Lang::En);
        match problem.field.strip_prefix("lines.").map(|rest| rest.split_once('.').unwrap_or((rest, ""))) {
            Some((line, "")) => format!("line {line}: {message}"),
            Some((line, column)) => format!("line {line}: {column}: {message}"),
            None => format!("{}: {message}", problem.field),
        }
    };
    match error {
        ServiceError::Invalid(problems) => anyhow!(problems.iter().map(sentence).collect::<Vec<_>>().join("\n")),
        ServiceError::Rejected(code) => anyhow!(code.detail(Lang::En)),
        other => other.into(),
    }
}
