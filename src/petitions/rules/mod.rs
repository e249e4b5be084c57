//! A petition: what it is about, where it stands and what may happen next.
//!
//! The life itself is data: [`lifecycle`] holds the table of states, actions and roles.

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
    /// What sort of petition it is (Decision 17/2024/QĐ-UBND, article 3).
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
    /// Who stands behind a petition.
    PetitionerKind {
        /// A person.
        Citizen = "citizen",
        /// A business.
        Business = "business",
    }
}

text_enum! {
    /// How the petition came in.
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
    /// What an answer says.
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
    /// Why a petition is refused; always told to the petitioner, with guidance.
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
    /// Whether the first answer came in time.
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
    /// Where a request for an extension or for a reopening stands; each may be asked for once.
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
    /// What is asked for.
    RequestKind {
        /// A later deadline, asked by the handler.
        Extension = "extension",
        /// Another look, asked by the petitioner.
        Reopening = "reopening",
    }
}

text_enum! {
    /// Who is to be told.
    Audience {
        /// The petitioner.
        Petitioner = "petitioner",
        /// The holding agency.
        Agency = "agency",
        /// The coordinators of the province.
        Coordinator = "coordinator",
    }
}
