//! The statuses of a petition and of its incoming document.

text_enum! {
    /// The status of a petition (docs/contract.md §4.1).
    Status {
        /// On the coordinator's desk.
        Received = "received",
        /// In the register of an agency, not accepted yet.
        Assigned = "assigned",
        /// Somebody works on it.
        InProgress = "in_progress",
        /// The petitioner was asked; the clock is paused.
        WaitingForPetitioner = "waiting_for_petitioner",
        /// A draft waits for approval by the leader.
        AwaitingApproval = "awaiting_approval",
        /// An approved answer was sent.
        Answered = "answered",
        /// Rated, or fifteen days have passed.
        Closed = "closed",
        /// Refused with a reason.
        Refused = "refused",
        /// Taken back by the petitioner.
        Withdrawn = "withdrawn",
        /// Merged as a duplicate of another petition.
        Duplicate = "duplicate",
    }
}

impl Status {
    /// Returns whether work remains: "any open state" of docs/contract.md §4.2.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::Assigned | Self::InProgress | Self::WaitingForPetitioner | Self::AwaitingApproval)
    }

    /// Returns whether the petition counts: all but refused, withdrawn and duplicate ones (docs/figures.md §1.3).
    #[must_use]
    pub const fn is_valid(self) -> bool {
        !matches!(self, Self::Refused | Self::Withdrawn | Self::Duplicate)
    }

    /// Returns the public status.
    #[must_use]
    pub const fn public(self) -> PublicStatus {
        match self {
            Self::Received | Self::Assigned => PublicStatus::Pending,
            Self::InProgress | Self::WaitingForPetitioner | Self::AwaitingApproval => PublicStatus::InProgress,
            Self::Answered | Self::Closed => PublicStatus::Handled,
            Self::Refused => PublicStatus::Refused,
            Self::Withdrawn => PublicStatus::Withdrawn,
            Self::Duplicate => PublicStatus::Duplicate,
        }
    }
}

text_enum! {
    /// The public status: four for a petition that is handled or refused, two for one withdrawn or merged.
    PublicStatus {
        /// Chờ xử lý.
        Pending = "pending",
        /// Đang xử lý.
        InProgress = "in_progress",
        /// Đã xử lý.
        Handled = "handled",
        /// Từ chối.
        Refused = "refused",
        /// Người gửi rút lại.
        Withdrawn = "withdrawn",
        /// Trùng lặp: xử lý chung với phản ánh khác.
        Duplicate = "duplicate",
    }
}

text_enum! {
    /// The status of one incoming document in the register of one agency.
    DocumentStatus {
        /// Registered; nobody has worked on it.
        Arrived = "arrived",
        /// Accepted by the agency.
        Accepted = "accepted",
        /// Given to an officer.
        Assigned = "assigned",
        /// Being worked on.
        InProgress = "in_progress",
        /// Waiting for the petitioner.
        Waiting = "waiting",
        /// Waiting for the leader.
        AwaitingApproval = "awaiting_approval",
        /// Answered.
        Completed = "completed",
        /// Given back to the coordinator.
        Returned = "returned",
        /// Handed on to another agency.
        Transferred = "transferred",
        /// Refused.
        Refused = "refused",
        /// Withdrawn or merged; the number stays in the register.
        Voided = "voided",
    }
}
