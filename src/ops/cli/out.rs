//! What a command says: on standard output what is meant for programs and paper, on standard error the rest.
//!
//! Rule: whoever has read enough closes the pipe (`… | head`), which is no error and ends no command half-way.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

/// A line on standard output.
macro_rules! outln {
    ($($words:tt)*) => { $crate::ops::cli::out::line(format_args!($($words)*)) };
}

/// A line on standard error.
macro_rules! errln {
    ($($words:tt)*) => { $crate::ops::cli::out::error_line(format_args!($($words)*)) };
}

/// Writes a line to standard output.
pub(super) fn line(words: Arguments<'_>) {
    text(&format!("{words}\n"));
}

/// Writes to standard output.
pub(super) fn text(text: &str) {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => error_line(format_args!("pakn: cannot write: {error}")),
        _ => {}
    }
}

/// Writes a line to standard error; where that is closed nobody is left to be told.
pub(super) fn error_line(words: Arguments<'_>) {
    let _ = std::io::stderr().lock().write_all(format!("{words}\n").as_bytes());
}
