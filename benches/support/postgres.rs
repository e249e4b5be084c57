//! A throw-away PostgreSQL server with its own settings for what survives a crash: the one of the tests gives that up.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// The running server; it ends with the value, or with the process.
pub struct Postgres {
    script: Child,
    /// The server stops when this is closed.
    lifeline: Option<ChildStdin>,
    url: String,
    programs: PathBuf,
}

impl Postgres {
    /// Starts it as PostgreSQL comes: every commit waits for the disk.
    pub fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postgres");
        let mut script = Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("tests/postgres");
        let lifeline = script.stdin.take();
        let mut lines = BufReader::new(script.stdout.take().expect("its output")).lines();
        let mut line = || lines.next().expect("PostgreSQL starts").expect("a line");
        Self { url: line(), programs: line().into(), script, lifeline }
    }

    /// Makes a database, empty or as a copy of one that nobody uses; its address.
    pub fn database(&self, name: &str, copy_of: Option<&str>) -> String {
        let copy = copy_of.map_or(String::new(), |original| format!(" TEMPLATE {original}"));
        let mut server = PgConnection::establish(&self.url).expect("connect");
        server.batch_execute(&format!("CREATE DATABASE {name}{copy}")).expect("a database");
        self.url.replace("/postgres", &format!("/{name}"))
    }

    /// A program of the server's version, as `pgbench`.
    pub fn program(&self, name: &str) -> Command {
        Command::new(self.programs.join(name))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // Nobody is left to be told.
        let _ = self.script.wait();
    }
}
