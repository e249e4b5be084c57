//! The real binary as a process: started, asked to stop, or killed.
//!
//! An [`Installation`] is a data folder and a database; the variables of the caller's environment do not reach it.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary and benchmark uses its own part")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Where the server writes its log, in the data folder.
const LOG: &str = "server.log";

/// A data folder and a database.
#[derive(Debug, Clone)]
pub struct Installation {
    folder: PathBuf,
    database_url: String,
    settings: Vec<(&'static str, String)>,
    program: PathBuf,
}

impl Installation {
    /// On any database.
    pub fn new(folder: &Path, database_url: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            database_url: database_url.to_owned(),
            settings: Vec::new(),
            program: env!("CARGO_BIN_EXE_pakn").into(),
        }
    }

    /// On the embedded database of the folder.
    pub fn embedded(folder: &Path) -> Self {
        Self::new(folder, &format!("sqlite://{}", folder.join("pakn.db").display()))
    }

    /// With a further setting, as `PAKN_LOG`.
    pub fn with(mut self, variable: &'static str, value: &str) -> Self {
        self.settings.push((variable, value.to_owned()));
        self
    }

    /// Of another program than this one, such as an earlier build.
    pub fn of_program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address of the database.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// A command of the binary.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        for (variable, _) in std::env::vars().filter(|(name, _)| name.starts_with("PAKN_")) {
            command.env_remove(variable);
        }
        command.args(arguments).env("PAKN_DATA_DIR", &self.folder).env("PAKN_DATABASE_URL", &self.database_url);
        // Whoever loads a server from one address is what the limits are against.
        command.env("PAKN_RATE_LIMITS", "false");
        // Nobody stands in front who would have to turn away first.
        command.env("PAKN_SHUTDOWN_DELAY", "0");
        // Tests of single commands sign in without a telephone.
        command.env("PAKN_SECOND_FACTOR_ROLES", "").env("PAKN_IDLE_DAYS", "0");
        command.envs(self.settings.iter().cloned()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end; its output, or what went wrong.
    pub fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let ran = self.command(arguments).output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        if ran.status.success() { Ok(said) } else { Err(format!("{said}{}", String::from_utf8_lossy(&ran.stderr))) }
    }

    /// Starts the server on free ports and waits until it listens.
    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// The same with further flags, as `--demo`.
    pub fn serve_with(&self, flags: &[&str]) -> Server {
        fs::create_dir_all(&self.folder).expect("the data folder");
        let log = File::options().create(true).append(true).open(self.folder.join(LOG)).expect("the log");
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
        let mut child = command.args(flags).stdout(Stdio::piped()).stderr(log).spawn().expect("the server starts");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let mut place = |beginning: &str| -> SocketAddr {
            loop {
                let mut line = String::new();
                let count = output.read_line(&mut line).expect("its output");
                assert!(count > 0, "the server did not start:\n{}", self.log());
                if let Some((_, rest)) = line.split_once(beginning).and_then(|(_, rest)| rest.split_once("://")) {
                    let address: String = rest.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ':')).collect();
                    return address.parse().expect("an address");
                }
            }
        };
        let (address, admin_address) = (place("pakn listens on "), place("metrics and health on "));
        Server { child, address, admin_address, output }
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join(LOG)).unwrap_or_default()
    }
}

/// A running server; killed when it is dropped.
pub struct Server {
    child: Child,
    /// Where the service listens.
    pub address: SocketAddr,
    /// Where metrics and health are.
    pub admin_address: SocketAddr,
    /// Kept open, because whoever prints into a closed pipe dies.
    output: BufReader<ChildStdout>,
}

impl Server {
    /// The next line on its standard output that holds some words.
    pub fn line_with(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            let count = self.output.read_line(&mut line).expect("its output");
            assert!(count > 0, "the server has ended");
            if line.contains(words) {
                return line;
            }
        }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it at once, in the middle of whatever it does.
    pub fn kill(mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill");
        let ended = self.child.wait().expect("wait");
        assert!(asked.success() && ended.success(), "the server ended with {ended}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails when the process has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
