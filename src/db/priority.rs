//! Lowers the thread priority of expensive queries below everything else in this process.
//!
//! Only on SQLite, where this process does the work; PostgreSQL runs them in its own processes.

/// Gives the thread idle scheduling, so that it yields at once to any other. A `nice` value would not be enough:
/// the scheduler lets such a thread finish its slice of some milliseconds first, at every step of another request.
#[cfg(target_os = "linux")]
pub(super) fn lower_thread_priority() {
    use thread_priority::{NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, unix};
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    let is_set = unix::set_thread_priority_and_policy(unix::thread_native_id(), ThreadPriority::Min, idle);
    // If the process was started with a `nice` value, the policy is set and only resetting the value is refused.
    if let Err(cause) = is_set
        && unix::thread_schedule_policy().ok() != Some(idle)
    {
        tracing::warn!(?cause, "cannot lower priority of query threads");
    }
}

/// Does nothing on other systems.
#[cfg(not(target_os = "linux"))]
pub(super) fn lower_thread_priority() {}
