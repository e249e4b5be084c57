//! The actions of the timeline: everything that can be done with a petition.

text_enum! {
    /// One step in the life of a petition (docs/contract.md §4.2).
    Action {
        /// The petitioner files.
        File = "file",
        /// A rule or the coordinator gives it to an agency.
        Route = "route",
        /// Refused with a reason.
        Refuse = "refuse",
        /// The agency accepts it.
        Accept = "accept",
        /// The leader names an officer.
        Assign = "assign",
        /// Handed on to another agency.
        Transfer = "transfer",
        /// Given back to the coordinator.
        Return = "return",
        /// The petitioner is asked; the clock pauses.
        Ask = "ask",
        /// The petitioner replies; the clock resumes.
        Reply = "reply",
        /// The petitioner did not reply within ten days.
        NoReply = "no_reply",
        /// The handler asks for a later deadline.
        Extend = "extend",
        /// The leader grants it.
        GrantExtension = "grant_extension",
        /// The leader denies it.
        DenyExtension = "deny_extension",
        /// An answer is drafted.
        Draft = "draft",
        /// The draft goes to the leader.
        Submit = "submit",
        /// The answer is approved and sent.
        Approve = "approve",
        /// The draft goes back to the handler.
        SendBack = "send_back",
        /// The petitioner rates the answer.
        Rate = "rate",
        /// The petitioner asks to reopen.
        Reopen = "reopen",
        /// The leader or the coordinator grants it.
        GrantReopening = "grant_reopening",
        /// The leader or the coordinator denies it.
        DenyReopening = "deny_reopening",
        /// The petitioner takes it back.
        Withdraw = "withdraw",
        /// The petitioner agrees that the handling agency learns who it is.
        ShowIdentity = "show_identity",
        /// The petitioner hides their identity, or withdraws the consent to show it; past accesses stay logged.
        HideIdentity = "hide_identity",
        /// Merged as a duplicate of another petition.
        Merge = "merge",
        /// Fifteen days after the answer.
        Close = "close",
        /// The original of a duplicate was answered, refused or withdrawn; the duplicate's petitioner is notified.
        ShareAnswer = "share_answer",
        /// The leader or the coordinator moderates the public version; changes nothing else.
        Moderate = "moderate",
        /// An internal note; changes nothing.
        Note = "note",
        /// A change of the working calendar moved the deadline.
        RecomputeDeadline = "recompute_deadline",
        /// A reform of agencies ended the one that held it; its successor has it now.
        Reorganise = "reorganise",
    }
}
