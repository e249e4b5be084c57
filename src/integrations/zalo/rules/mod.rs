//! Rules of the Zalo integration, without network or database access.
//!
//! [`event`] parses webhook events, [`conversation`] is the state machine that leads from a first message to a
//! petition, [`error_action`] is the table of error codes.

pub mod category;
pub mod command;
pub mod conversation;
mod draft;
pub mod error_action;
pub mod event;
pub mod phrases;
pub mod place;
mod transitions;

pub use conversation::{
    Conversation, ConversationContext, ConversationEffect, ConversationPerson, ConversationTurn, EffectOutcome, handle_event,
    settle,
};
pub use draft::{ConversationDraft, DraftChoice, DraftRating};

text_enum! {
    /// What a conversation waits for.
    ConversationStep {
        /// Nothing: no draft is open.
        Menu = "menu",
        /// What the petition is about.
        Content = "content",
        /// Where it is.
        Place = "place",
        /// The category.
        Category = "category",
        /// Photos, or the word that there are no more.
        Photo = "photo",
        /// The person's name.
        Name = "name",
        /// The person's phone.
        Phone = "phone",
        /// The word that sends it.
        Confirm = "confirm",
        /// The words to a low score.
        Comment = "comment",
    }
}

text_enum! {
    /// Where an event of the webhook stands.
    ZaloEventState {
        /// To be handled.
        Due = "due",
        /// Handled.
        Done = "done",
        /// Given up; somebody has to look at it.
        Dead = "dead",
    }
}

text_enum! {
    /// Whether messages can be sent.
    ConnectionState {
        /// There are tokens.
        Connected = "connected",
        /// The refresh token was lost: an administrator has to authorise again.
        NeedsAuthorisation = "needs_authorisation",
    }
}
