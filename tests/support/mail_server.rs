//! A real mail server (aiosmtpd) as a separate process; `tests/servers/smtp.py` documents how it misbehaves.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]

use crate::outside::provided;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A timeout longer than any delivery.
const PATIENCE: Duration = Duration::from_secs(60);

/// The running server; ends when it is dropped.
pub struct MailServer {
    pub port: u16,
    letters: Receiver<Value>,
    child: Child,
    input: ChildStdin,
}

impl MailServer {
    /// Starts it, if its packages are installed: `tests/run` sets `PAKN_TEST_PYTHON`.
    pub fn start(options: &[&str]) -> Option<Self> {
        let python = provided("PAKN_TEST_PYTHON")?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/smtp.py");
        let mut command = Command::new(python);
        command.arg(script).args(options).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the mail server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let port = lines.next().expect("its port").expect("its port").parse().expect("a port");
        let (sender, letters) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if sender.send(serde_json::from_str(&line).expect("JSON")).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take().expect("its input");
        Some(Self { port, letters, child, input })
    }

    /// Returns the next message it received.
    pub fn letter(&self) -> Value {
        self.letters.recv_timeout(PATIENCE).expect("a letter")
    }

    /// Returns its next output line without blocking other tasks of this thread.
    pub async fn said(&self) -> Value {
        let next = async {
            loop {
                match self.letters.try_recv() {
                    Ok(said) => return said,
                    Err(_) => tokio::time::sleep(Duration::from_millis(1)).await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("the mail server says something")
    }

    /// Waits until this many SMTP sessions are blocked at addresses that begin with `slow` or `tardy`.
    pub async fn wait_for_waiting(&self, count: usize) {
        for _ in 0..count {
            let said = self.said().await;
            assert!(said["waiting"].is_string(), "{said}");
        }
    }

    /// Lets blocked sessions continue.
    pub fn go(&mut self) {
        self.input.write_all(b"go\n").expect("its input");
    }

    /// Returns all received messages that were not fetched yet.
    pub fn more(&self) -> Vec<Value> {
        self.letters.try_iter().collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
