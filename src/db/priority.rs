//! The place in the scheduler of threads for questions that cost much: behind everything else that this process does.
//!
//! Only where the work is done in this process, on SQLite; PostgreSQL's own processes are its server's affair.

/// Leaves the processor at once to whatever else wants it. A `nice` value would not do: the scheduler lets such a thread finish
/// its slice of some milliseconds first, at every step of somebody else's request.
#[cfg(target_os = "linux")]
pub(super) fn lower_thread_priority() {
    use thread_priority::{NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, unix};
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    let is_set = unix::set_thread_priority_and_policy(unix::thread_native_id(), ThreadPriority::Min, idle);
    // Where the process itself was started with a `nice` value, the policy is set and only the way back to none refused.
    if let Err(cause) = is_set
        && unix::thread_schedule_policy().ok() != Some(idle)
    {
        tracing::warn!(?cause, "cannot lower priority of query threads");
    }
}

/// Elsewhere questions have the priority of everything else.
#[cfg(not(target_os = "linux"))]
pub(super) fn lower_thread_priority() {}
