//! The message texts: templates in two languages, filled with the facts of one event.
//!
//! Enters: a timeline entry. Leaves: a [`RenderedMessage`]; each channel uses the parts it can carry. Templates are
//! files (`templates/<language>/<name>.txt`: subject, empty line, text); a province overrides single ones with files
//! of the same name in the `templates_dir` setting. `pakn message preview` shows each of them.

mod render;
pub(crate) mod sample;
pub(super) mod template_context;

pub use render::{RenderedMessage, TemplateError, Templates};
pub use sample::sample;
pub use template_context::{TemplateContext, TemplateInputs, change_facts, code_facts, facts, reset_facts};

use crate::petitions::rules::Action;

text_enum! {
    /// The templates.
    Template {
        /// The petition has come in.
        Filed = "filed",
        /// The coordinator gave it to an agency.
        Routed = "routed",
        /// The agency has begun.
        Accepted = "accepted",
        /// Another agency has it now.
        Transferred = "transferred",
        /// The agency asks something.
        Question = "question",
        /// A later deadline.
        Extended = "extended",
        /// The answer.
        Answered = "answered",
        /// How the petition ended that this one repeats: its answer, why it was refused, or that it was taken back.
        Shared = "shared",
        /// Refused, with guidance.
        Refused = "refused",
        /// It repeats another one.
        Merged = "merged",
        /// Another look was granted.
        Reopened = "reopened",
        /// Another look was denied.
        ReopeningDenied = "reopening_denied",
        /// A reform ended its agency.
        Reorganised = "reorganised",
        /// A link for a forgotten password; about an account, as are the next two.
        PasswordReset = "password_reset",
        /// A code that proves a contact.
        ContactCode = "contact_code",
        /// Something of the account was changed.
        AccountChanged = "account_changed",
        /// Anything else that the petitioner is told.
        Updated = "updated",
        /// Any event, for an address that nobody has confirmed: no words that a stranger has written.
        Notice = "notice",
    }
}

impl Template {
    /// Returns the template for an event.
    #[must_use]
    pub const fn of(action: Action) -> Self {
        match action {
            Action::File => Self::Filed,
            Action::Route => Self::Routed,
            Action::Accept => Self::Accepted,
            Action::Transfer | Action::Return => Self::Transferred,
            Action::Ask => Self::Question,
            Action::GrantExtension => Self::Extended,
            Action::Approve | Action::Submit => Self::Answered,
            Action::ShareAnswer => Self::Shared,
            Action::Refuse | Action::NoReply => Self::Refused,
            Action::Merge => Self::Merged,
            Action::GrantReopening => Self::Reopened,
            Action::DenyReopening => Self::ReopeningDenied,
            Action::Reorganise => Self::Reorganised,
            _ => Self::Updated,
        }
    }
}
