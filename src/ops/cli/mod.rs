//! The command line: one file per command. The only module that may use all others.
//!
//! Exit status: 0 success, 1 failure, 2 invalid command line, 75 the mail server should retry, 78 program,
//! database and keys do not match, or `config --check` found an error.

#[macro_use]
mod out;

mod account;
mod adopt_keys;
mod allocator;
mod audit;
mod backup;
mod completions;
mod config;
mod copy;
mod demo;
mod document_exchange;
mod generate;
mod import;
mod load_reference;
mod man;
mod message;
mod migrate;
mod progress;
mod reorganise;
mod report;
mod restore;
mod rotate_keys;
mod rotate_token_key;
mod serve;
mod subject;
mod verify;

use crate::app::App;
use crate::config::{Config, Overrides};
use crate::directory::calendar::years::ensure_by_law;
use crate::directory::ensure_digested;
use crate::directory::load_reference::ensure_loaded;
use crate::figures::statistics::ensure_counted;
use crate::kernel::clock::SystemClock;
use crate::ops::backup::BackupFailure;
use crate::ops::installation::{self, InstallationError, KeyCheckScope};
use crate::ops::telemetry;
use crate::personal::ensure_sealed;
use crate::petitions::publication::ensure_masked;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Citizen petitions (phản ánh, kiến nghị) of Bắc Ninh province.
#[derive(Debug, Parser)]
#[command(name = "pakn", version, about)]
struct CommandLine {
    #[command(flatten)]
    place: ConfigArgs,
    #[command(subcommand)]
    command: CliCommand,
}

/// What every command needs to know.
#[derive(Debug, Args)]
struct ConfigArgs {
    /// File of settings (TOML); variables PAKN_… win over it.
    #[arg(long, global = true, env = "PAKN_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of the embedded database and of the generated secrets.
    #[arg(long, global = true)]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one, for as long as the process runs")]
enum CliCommand {
    /// Starts the server and the worker.
    Serve(serve::Serve),
    /// Brings the database up to date.
    Migrate(migrate::Migrate),
    /// Loads agencies, areas, categories and holidays from CSV files.
    LoadReference(load_reference::LoadReference),
    /// Keeps officers' accounts.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Checks that everything that is stored agrees; exit status 1 and what is wrong, when something is.
    Verify(verify::Verify),
    /// Signs, prints and checks the audit record and its heads.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Applies a reform of agencies and areas: old ones end, petitions, officers and rules go to the successors.
    Reorganise(reorganise::Reorganise),
    /// Copies database and uploaded files into a new folder, while the server goes on.
    Backup(backup::BackupArgs),
    /// Puts such a backup in the place of the database and the files.
    Restore(restore::Restore),
    /// Copies everything into an empty database, from SQLite to PostgreSQL or back.
    Copy(copy::CopyArgs),
    /// Says what was sent to the document systems of agencies and what came back.
    #[command(subcommand)]
    Exchange(document_exchange::ExchangeCommand),
    /// Writes a report into a file.
    Report(report::ReportArgs),
    /// Enters old petitions of another system from a CSV file.
    Import(import::Import),
    /// Fills an empty database with made-up petitions, for tests of load; the same order gives the same petitions.
    Generate(generate::Generate),
    /// Looks at the messages that people get.
    #[command(subcommand)]
    Message(message::MessageCommand),
    /// What somebody may ask for about their own data: everything as JSON, or its erasure.
    #[command(subcommand)]
    Subject(subject::SubjectCommand),
    /// Draws a new key for personal data and seals everything anew under it.
    RotateKeys(rotate_keys::RotateKeys),
    /// Draws a new key for access tokens and links, without signing anybody out.
    RotateTokenKey(rotate_token_key::RotateTokenKey),
    /// Takes the keys at hand for those of the database, where the former ones are lost; not those of personal data.
    AdoptKeys(adopt_keys::AdoptKeys),
    /// Shows every setting, also unset ones, with its source, secrets hidden; or with `--check` what is wrong with them.
    Config(config::ShowConfig),
    /// Prints what completes commands and options in a shell.
    Completions(completions::Completions),
    /// Prints the manual page of `pakn`, or writes one for each command.
    Man(man::ManPages),
}

/// Tells mail servers to retry later (sysexits.h).
const EX_TEMPFAIL: u8 = 75;

/// Tells supervisors that a restart does not help (sysexits.h).
const EX_CONFIG: u8 = 78;

/// Parses the command line and runs the command.
#[must_use]
pub fn run() -> ExitCode {
    let line = CommandLine::parse();
    match dispatch(line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            errln!("pakn: {error:#}");
            if error.is::<message::TemporaryFailure>() {
                ExitCode::from(EX_TEMPFAIL)
            } else if error.is::<InstallationError>()
                || error.is::<config::FaultyConfig>()
                || error.downcast_ref::<BackupFailure>().is_some_and(BackupFailure::is_of_keys)
            {
                ExitCode::from(EX_CONFIG)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

fn dispatch(line: CommandLine) -> anyhow::Result<()> {
    let mut overrides = Overrides { file: line.place.config, data_dir: line.place.data_dir, ..Overrides::default() };
    if let CliCommand::Serve(serve) = &line.command {
        allocator::settle();
        overrides.listen.clone_from(&serve.listen);
        overrides.admin_listen.clone_from(&serve.admin_listen);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match line.command {
        CliCommand::Serve(serve) => runtime.block_on(serve.run(configured(overrides)?)),
        CliCommand::Migrate(migrate) => runtime.block_on(migrate.run(&configured(overrides)?)),
        CliCommand::LoadReference(load) => runtime.block_on(load.run(configured(overrides)?)),
        CliCommand::Account(command) => {
            runtime.block_on(with_app(configured(overrides)?, async |app| account::run(app, command).await))
        }
        CliCommand::Verify(verify) => runtime.block_on(verify.run(&configured(overrides)?)),
        CliCommand::Audit(command) => runtime.block_on(audit::run(configured(overrides)?, command)),
        CliCommand::Generate(generate) => runtime.block_on(generate.run(configured(overrides)?)),
        CliCommand::Reorganise(reform) => {
            runtime.block_on(with_existing(configured(overrides)?, async |app| reform.run(app).await))
        }
        CliCommand::Backup(backup) => runtime.block_on(backup.run(&configured(overrides)?)),
        CliCommand::Restore(restore) => runtime.block_on(restore.run(&configured(overrides)?)),
        CliCommand::Copy(copy) => runtime.block_on(copy.run(&configured(overrides)?)),
        CliCommand::Exchange(command) => {
            runtime.block_on(with_app(configured(overrides)?, async |app| document_exchange::run(app, command).await))
        }
        CliCommand::Import(import) => runtime.block_on(with_app(configured(overrides)?, async |app| import.run(app).await)),
        CliCommand::Report(report) => runtime.block_on(with_existing(configured(overrides)?, async |app| report.run(app).await)),
        CliCommand::Message(command) => runtime.block_on(command.run(configured(overrides)?)),
        CliCommand::Subject(command) => {
            runtime.block_on(with_existing(configured(overrides)?, async |app| subject::run(app, command).await))
        }
        CliCommand::RotateKeys(rotate) => {
            runtime.block_on(with_existing(configured(overrides)?, async |app| rotate.run(app).await))
        }
        CliCommand::RotateTokenKey(rotate) => runtime.block_on(rotate.run(configured(overrides)?)),
        CliCommand::AdoptKeys(adopt) => runtime.block_on(adopt.run(configured(overrides)?)),
        CliCommand::Config(show) => show.run(overrides),
        CliCommand::Completions(completions) => completions.run(),
        CliCommand::Man(man) => man.run(),
    }
}

/// Loads the settings and starts the log.
fn configured(overrides: Overrides) -> anyhow::Result<Config> {
    let config = Config::load(overrides)?;
    telemetry::start(&config)?;
    Ok(config)
}

/// Like [`with_app`], for commands that make no sense on an empty database: a mistyped folder must not create
/// one.
async fn with_existing(config: Config, command: impl AsyncFnOnce(&App) -> anyhow::Result<()>) -> anyhow::Result<()> {
    must_exist(&config)?;
    with_app(config, command).await
}

/// Fails when the embedded database does not exist or was written by a newer program.
fn must_exist(config: &Config) -> anyhow::Result<()> {
    if let Some(path) = config.address()?.sqlite_path().filter(|path| !path.is_file()) {
        anyhow::bail!("there is no database {}", path.display());
    }
    Ok(installation::is_known(config)?)
}

/// Opens the application, runs the command and closes the application.
async fn with_app(config: Config, command: impl AsyncFnOnce(&App) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let app = open(config).await?.in_background();
    let done = command(&app).await;
    app.close().await;
    done
}

/// Opens the application on a migrated database with reference data, for every command that needs it.
async fn open(config: Config) -> anyhow::Result<App> {
    open_with(config, KeyCheckScope::Everything).await
}

/// Like [`open`], with the given strictness of the key check.
async fn open_with(config: Config, asked: KeyCheckScope) -> anyhow::Result<App> {
    migrate::up_to_date_with(&config, asked).await?;
    let app = App::open(config, Arc::new(SystemClock))?;
    installation::remember(&app, asked).await?;
    let at_leisure = app.in_background();
    ensure_loaded(&at_leisure).await?;
    ensure_by_law(&at_leisure).await?;
    ensure_counted(&at_leisure).await?;
    ensure_sealed(&at_leisure).await?;
    ensure_masked(&at_leisure).await?;
    ensure_digested(&at_leisure).await?;
    Ok(app)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn what_every_command_needs_may_stand_after_it() {
        let line = CommandLine::parse_from(["pakn", "serve", "--demo", "--listen", "127.0.0.1:0", "--data-dir", "x"]);
        assert_eq!(line.place.data_dir, Some(PathBuf::from("x")));
    }
}
