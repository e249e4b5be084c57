//! A real mail server (aiosmtpd) as a process of its own; `tests/servers/smtp.py` says how badly it behaves.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]

use crate::outside::provided;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Longer than any letter takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The running server; ends when it is dropped.
pub struct MailServer {
    /// Where it listens.
    pub port: u16,
    letters: Receiver<Value>,
    child: Child,
    input: ChildStdin,
}

impl MailServer {
    /// Starts it, if the packages for it are there: `tests/run` names them with `PAKN_TEST_PYTHON`.
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

    /// The next letter that it took.
    pub fn letter(&self) -> Value {
        self.letters.recv_timeout(PATIENCE).expect("a letter")
    }

    /// The next thing that it says, while other tasks of this thread go on.
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

    /// Waits until so many conversations stand still at addresses that begin with `slow` or `tardy`.
    pub async fn wait_for_waiting(&self, count: usize) {
        for _ in 0..count {
            let said = self.said().await;
            assert!(said["waiting"].is_string(), "{said}");
        }
    }

    /// Lets those go on.
    pub fn go(&mut self) {
        self.input.write_all(b"go\n").expect("its input");
    }

    /// Every letter that it has taken and that nobody has asked for.
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
