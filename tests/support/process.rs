//! Runs the real binary as a process: start, stop or kill it.
//!
//! An [`Installation`] is a data folder and a database; environment variables of the caller are not passed on.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary and benchmark uses its own part")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The log file of the server, in the data folder.
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
    /// Uses any database.
    pub fn new(folder: &Path, database_url: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            database_url: database_url.to_owned(),
            settings: Vec::new(),
            program: env!("CARGO_BIN_EXE_pakn").into(),
        }
    }

    /// Uses the embedded database of the folder.
    pub fn embedded(folder: &Path) -> Self {
        Self::new(folder, &format!("sqlite://{}", folder.join("pakn.db").display()))
    }

    /// Sets an environment variable such as `PAKN_LOG`.
    pub fn with(mut self, variable: &'static str, value: &str) -> Self {
        self.settings.push((variable, value.to_owned()));
        self
    }

    /// Uses another program, such as an earlier build.
    pub fn of_program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// Returns a command of the binary.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        for (variable, _) in std::env::vars().filter(|(name, _)| name.starts_with("PAKN_")) {
            command.env_remove(variable);
        }
        command.args(arguments).env("PAKN_DATA_DIR", &self.folder).env("PAKN_DATABASE_URL", &self.database_url);
        // Load from one address is exactly what the rate limits refuse.
        command.env("PAKN_RATE_LIMITS", "false");
        // There is no load balancer that needs a delay before the shutdown.
        command.env("PAKN_SHUTDOWN_DELAY", "0");
        // Tests of single commands sign in without an authenticator app.
        command.env("PAKN_SECOND_FACTOR_ROLES", "").env("PAKN_IDLE_DAYS", "0");
        command.envs(self.settings.iter().cloned()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end; returns its output or the error.
    pub fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let ran = self.command(arguments).output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        if ran.status.success() { Ok(said) } else { Err(format!("{said}{}", String::from_utf8_lossy(&ran.stderr))) }
    }

    /// Starts the server on free ports and waits until it listens.
    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// Like [`Self::serve`], with more flags such as `--demo`.
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

    /// Returns the log of the server.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join(LOG)).unwrap_or_default()
    }
}

/// A running server; killed when it is dropped.
pub struct Server {
    child: Child,
    /// The public listener.
    pub address: SocketAddr,
    /// The listener of metrics and health.
    pub admin_address: SocketAddr,
    /// Kept open, because a process that prints into a closed pipe dies.
    output: BufReader<ChildStdout>,
}

impl Server {
    /// Returns the next line of standard output that contains some words.
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

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it immediately, whatever it is doing.
    pub fn kill(mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }

    /// Asks it to stop, and waits for its end.
    pub fn stop(mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill");
        let ended = self.child.wait().expect("wait");
        assert!(asked.success() && ended.success(), "the server ended with {ended}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails if the process has already ended, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
