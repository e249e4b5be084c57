//! Progress of a long operation: a bar on a terminal, otherwise a line for every 10 %.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Progress of one operation.
pub(super) struct Progress {
    what: &'static str,
    bar: ProgressBar,
    started: Instant,
    is_terminal: bool,
    told: AtomicU64,
}

impl Progress {
    /// Starts the operation.
    pub fn start(what: &'static str) -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(&format!("{what} {{bar:40}} {{percent}} % ({{eta}})")) {
            bar.set_style(style);
        }
        Self { what, bar, started: Instant::now(), is_terminal: std::io::stderr().is_terminal(), told: AtomicU64::new(0) }
    }

    /// Updates the progress.
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

    /// Removes the bar and prints the duration.
    pub fn end(&self) {
        self.bar.finish_and_clear();
        errln!("{} took {:.1} s", self.what, self.started.elapsed().as_secs_f32());
    }
}

/// Progress of an operation with several named steps.
#[derive(Default)]
pub(super) struct ProgressSteps {
    present: Option<(&'static str, Progress)>,
}

impl ProgressSteps {
    /// Updates a step; a new name ends the previous step.
    pub fn update(&mut self, what: &'static str, done: u64, total: u64) {
        if self.present.as_ref().is_none_or(|(present, _)| *present != what) {
            self.end();
            self.present = Some((what, Progress::start(what)));
        }
        if let Some((_, progress)) = &self.present {
            progress.update(done, total);
        }
    }

    /// Ends the current step.
    pub fn end(&mut self) {
        if let Some((_, progress)) = self.present.take() {
            progress.end();
        }
    }
}
