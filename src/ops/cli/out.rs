//! Output of the commands: data goes to standard output, messages go to standard error.
//!
//! Rule: a reader that closes the pipe (`… | head`) is no error and does not abort the command.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

/// Prints a line to standard output.
macro_rules! outln {
    ($($words:tt)*) => { $crate::ops::cli::out::line(format_args!($($words)*)) };
}

/// Prints a line to standard error.
macro_rules! errln {
    ($($words:tt)*) => { $crate::ops::cli::out::error_line(format_args!($($words)*)) };
}

pub(super) fn line(words: Arguments<'_>) {
    text(&format!("{words}\n"));
}

pub(super) fn text(text: &str) {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => error_line(format_args!("pakn: cannot write: {error}")),
        _ => {}
    }
}

/// Writes a line to standard error. Ignores a closed standard error: there is no other place to report to.
pub(super) fn error_line(words: Arguments<'_>) {
    let _ = std::io::stderr().lock().write_all(format!("{words}\n").as_bytes());
}
