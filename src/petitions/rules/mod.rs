//! The domain vocabulary of petitions as closed enums.
//!
//! [`lifecycle`] holds the table of statuses, actions and capacities.

pub mod action;
pub mod code;
pub mod guidance;
pub mod lifecycle;
pub mod masking;
pub mod petitioner;
pub mod status;
pub mod timeline;
pub mod traces;

pub use action::Action;
pub use status::{DocumentStatus, PublicStatus, Status};

text_enum! {
    /// The kind of petition (Decision 17/2024/QĐ-UBND, article 3).
    PetitionKind {
        /// Phản ánh hiện trường.
        Field = "field",
        /// Phản ánh việc giải quyết thủ tục hành chính.
        Procedure = "procedure",
        /// Phản ánh của doanh nghiệp.
        Business = "business",
    }
}

text_enum! {
    /// Whether a person or a business files.
    PetitionerKind {
        /// A person.
        Citizen = "citizen",
        /// A business.
        Business = "business",
    }
}

text_enum! {
    /// The channel through which the petition was filed.
    Channel {
        /// The mobile app.
        Mobile = "mobile",
        /// The Zalo mini app or conversation.
        Zalo = "zalo",
        /// The web site.
        Web = "web",
        /// A telephone call, typed by an officer.
        Phone = "phone",
        /// The counter of an agency, typed by an officer.
        Counter = "counter",
        /// An Open311 client.
        Open311 = "open311",
        /// The national public service portal.
        NationalPortal = "national_portal",
    }
}

text_enum! {
    /// The outcome of an answer.
    Outcome {
        /// The matter has been settled.
        Resolved = "resolved",
        /// The matter has been explained.
        Explained = "explained",
        /// The matter will be settled by a given day.
        Promised = "promised",
        /// The petition is not justified.
        Unfounded = "unfounded",
    }
}

text_enum! {
    /// Why a petition is refused; the petitioner always gets the reason, with guidance.
    ReasonCode {
        /// A complaint under Luật Khiếu nại 2011, article 2.1.
        NotAPetitionComplaint = "not_a_petition_complaint",
        /// A denunciation under Luật Tố cáo 2018, article 2.1.
        NotAPetitionDenunciation = "not_a_petition_denunciation",
        /// A question about the law (excluded by Decision 574/QĐ-TTg).
        LegalQuestion = "legal_question",
        /// Outside the province.
        OutsideProvince = "outside_province",
        /// Too unclear to act on.
        Unclear = "unclear",
        /// Abusive.
        Abusive = "abusive",
        /// False content or pictures.
        FalseContent = "false_content",
        /// Settled before.
        AlreadySettled = "already_settled",
        /// Contains a state secret, which may never be in this system.
        StateSecret = "state_secret",
        /// The petitioner did not answer a question within ten days; only the system gives this reason.
        NoReply = "no_reply",
    }
}

text_enum! {
    /// Whether the first answer was in time.
    Timeliness {
        /// Answered before the due day.
        Early = "early",
        /// Answered on the due day, up to the due instant.
        OnTime = "on_time",
        /// Answered after the due instant.
        Late = "late",
    }
}

impl Timeliness {
    /// Compares the first answer with the deadline, by Vietnamese days (docs/figures.md §3.3).
    #[must_use]
    pub fn of(answered_at: crate::kernel::Instant, due_at: crate::kernel::Instant) -> Self {
        if answered_at.local_date() < due_at.local_date() {
            Self::Early
        } else if answered_at <= due_at {
            Self::OnTime
        } else {
            Self::Late
        }
    }
}

text_enum! {
    /// The state of an extension or reopening request; each may be made once.
    RequestState {
        /// Never asked.
        None = "none",
        /// Waiting for a decision.
        Asked = "asked",
        /// Granted.
        Granted = "granted",
        /// Denied.
        Denied = "denied",
    }
}

text_enum! {
    /// What is requested.
    RequestKind {
        /// A later deadline, asked for by the handler.
        Extension = "extension",
        /// Reopening, asked for by the petitioner.
        Reopening = "reopening",
    }
}

text_enum! {
    /// Who is notified.
    Audience {
        /// The petitioner.
        Petitioner = "petitioner",
        /// The holding agency.
        Agency = "agency",
        /// The coordinators of the province.
        Coordinator = "coordinator",
    }
}
