//! Configures the glibc allocator before the server starts.
//!
//! Goal: memory used for one large image returns to the system. By default glibc raises its mmap threshold
//! after the first large block is freed and then keeps such blocks per thread; a fixed threshold prevents this.
//! It also creates eight arenas per processor, each of which keeps freed memory. glibc reads these settings
//! only at program start, so the program re-executes itself with them in the same process.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// mmap threshold in bytes (the initial default of glibc) and number of arenas.
const SETTINGS: [(&str, &str); 2] = [("MALLOC_MMAP_THRESHOLD_", "131072"), ("MALLOC_ARENA_MAX", "2")];

/// Re-executes the program with the settings that are not in the environment yet. Returns when all are set or
/// exec fails.
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
