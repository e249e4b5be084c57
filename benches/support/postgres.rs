//! A temporary PostgreSQL server with durable default settings, which the server of the tests turns off.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// The running server; stops when dropped, or when the process ends.
pub struct Postgres {
    script: Child,
    /// The server stops when this pipe is closed.
    lifeline: Option<ChildStdin>,
    url: String,
    programs: PathBuf,
}

impl Postgres {
    /// Starts it with default settings: every commit waits for the disk.
    pub fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postgres");
        let mut script = Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("tests/postgres");
        let lifeline = script.stdin.take();
        let mut lines = BufReader::new(script.stdout.take().expect("its output")).lines();
        let mut line = || lines.next().expect("PostgreSQL starts").expect("a line");
        Self { url: line(), programs: line().into(), script, lifeline }
    }

    /// Creates a database, empty or copied from an unused one; returns its URL.
    pub fn database(&self, name: &str, copy_of: Option<&str>) -> String {
        let copy = copy_of.map_or(String::new(), |original| format!(" TEMPLATE {original}"));
        let mut server = PgConnection::establish(&self.url).expect("connect");
        server.batch_execute(&format!("CREATE DATABASE {name}{copy}")).expect("a database");
        self.url.replace("/postgres", &format!("/{name}"))
    }

    /// Returns a program of the server's version, such as `pgbench`.
    pub fn program(&self, name: &str) -> Command {
        Command::new(self.programs.join(name))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // The result no longer matters.
        let _ = self.script.wait();
    }
}
