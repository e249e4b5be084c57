//! How far a long work has come: a bar on a terminal, a line for each tenth elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// The progress of one work.
pub(super) struct Progress {
    what: &'static str,
    bar: ProgressBar,
    started: Instant,
    is_terminal: bool,
    told: AtomicU64,
}

impl Progress {
    /// Begins.
    pub fn start(what: &'static str) -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(&format!("{what} {{bar:40}} {{percent}} % ({{eta}})")) {
            bar.set_style(style);
        }
        Self { what, bar, started: Instant::now(), is_terminal: std::io::stderr().is_terminal(), told: AtomicU64::new(0) }
    }

    /// So much of so much is done.
    pub fn update(&self, done: u64, total: u64) {
        if self.is_terminal {
            self.bar.set_length(total);
            self.bar.set_position(done);
            return;
        }
        let tenth = done * 10 / total.max(1);
        if tenth > self.told.swap(tenth, Ordering::Relaxed) {
            errln!("{}: {} %", self.what, done * 100 / total.max(1));
        }
    }

    /// Ends, and says how long it took.
    pub fn end(&self) {
        self.bar.finish_and_clear();
        errln!("{} took {:.1} s", self.what, self.started.elapsed().as_secs_f32());
    }
}

/// The progress of a work in steps, each with its own end.
#[derive(Default)]
pub(super) struct ProgressSteps {
    present: Option<(&'static str, Progress)>,
}

impl ProgressSteps {
    /// So much of so much of a step is done.
    pub fn update(&mut self, what: &'static str, done: u64, total: u64) {
        if self.present.as_ref().is_none_or(|(present, _)| *present != what) {
            self.end();
            self.present = Some((what, Progress::start(what)));
        }
        if let Some((_, progress)) = &self.present {
            progress.update(done, total);
        }
    }

    /// Ends the step at work.
    pub fn end(&mut self) {
        if let Some((_, progress)) = self.present.take() {
            progress.end();
        }
    }
}
