//! What the allocator of the system is told before a server starts.
//!
//! Rule: what one large image has used goes back to the system. After the first large block is freed, glibc takes blocks of that size for
//! usual ones and keeps them, thread by thread; told a fixed border it does not. And it keeps eight stores of memory for each processor,
//! of which each keeps what was freed. It reads its settings when a program is loaded, so that the program loads itself once more with
//! them, in the same process.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// Blocks of so many bytes and more are taken from the system and given back to it one by one (the border that glibc begins with), and
/// the threads share so many stores.
const SETTINGS: [(&str, &str); 2] = [("MALLOC_MMAP_THRESHOLD_", "131072"), ("MALLOC_ARENA_MAX", "2")];

/// Loads the program anew with the settings that nobody has made; comes back when all are there, or when nothing can be loaded.
pub(super) fn settle() {
    let missing: Vec<_> = SETTINGS.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()).collect();
    if !cfg!(target_env = "gnu") || missing.is_empty() {
        return;
    }
    let (Ok(program), mut arguments) = (std::env::current_exe(), std::env::args_os()) else { return };
    let mut again = Command::new(program);
    if let Some(own_name) = arguments.next() {
        again.arg0(own_name);
    }
    let error = again.args(arguments).envs(missing).exec();
    errln!("pakn: goes on with the usual memory settings: {error}");
}
