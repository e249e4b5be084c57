//! The conversation as a state machine. Enters: the current state and an event. Leaves: the new state, the replies,
//! and at most one effect.
//!
//! Services perform the [`ConversationEffect`]; its [`EffectOutcome`] is passed to [`settle`]. The next question
//! follows from what the draft lacks, so a location may come before the text, and a photo before both. The single
//! steps are in `transitions`.

use crate::directory::rules::directory::Directory;
use crate::integrations::zalo::rules::command::{self, ChatCommand};
use crate::integrations::zalo::rules::event::ConversationEvent;
use crate::integrations::zalo::rules::{ConversationDraft, ConversationStep, DraftChoice, category, phrases, transitions};
use chrono::NaiveDate;

/// State of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// The current question.
    pub step: ConversationStep,
    /// The collected data.
    pub draft: ConversationDraft,
}

/// What is known about the person apart from the conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationPerson {
    pub full_name: Option<String>,
    pub phone: Option<String>,
    /// Whether an account is linked; its contact data is used then.
    pub has_account: bool,
    /// Code of an answered petition that has not been rated.
    pub to_be_rated: Option<String>,
    /// Code of a petition whose agency asked a question.
    pub asked: Option<String>,
}

/// Inputs of one turn.
#[derive(Debug, Clone, Copy)]
pub struct ConversationContext<'a> {
    pub directory: &'a Directory,
    pub day: NaiveDate,
    pub person: &'a ConversationPerson,
    /// Number for a draft started in this turn.
    pub fresh: &'a str,
    /// Maximum photos per petition.
    pub most_photos: usize,
}

/// An effect of a turn, performed by the services.
#[derive(Debug, Clone, PartialEq)]
pub enum ConversationEffect {
    /// Download the photos at these URLs.
    TakePhotos(Vec<String>),
    /// File the draft.
    File,
    /// Rate the answer to a petition.
    Rate {
        code: String,
        /// 1 to 5.
        score: i32,
        comment: Option<String>,
    },
    /// Answer the agency's question.
    Answer {
        /// Petition code.
        code: String,
        text: String,
    },
    /// Show one petition.
    LookUp(String),
    /// List the person's petitions.
    Mine,
}

/// Result of an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EffectOutcome {
    /// Ids of the stored photos; why others were rejected.
    Photos(Vec<String>, Option<String>),
    /// Filed; the receipt is sent separately.
    Filed,
    /// Invalid fields and their error messages.
    NotFiled(Vec<(String, String)>),
    Rated,
    /// Rating is no longer possible.
    NotRated,
    /// A text to be sent.
    Replied(String),
}

/// Result of a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationTurn {
    /// The new state.
    pub conversation: Conversation,
    /// Texts to be sent, in order.
    pub replies: Vec<String>,
    pub effect: Option<ConversationEffect>,
}

impl Default for Conversation {
    fn default() -> Self {
        Self { step: ConversationStep::Menu, draft: ConversationDraft::default() }
    }
}

impl Conversation {
    /// Returns whether a draft is open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self.step, ConversationStep::Menu)
    }

    /// Starts a conversation with an empty draft.
    pub(super) fn begun(ctx: &ConversationContext<'_>) -> Self {
        Self {
            step: ConversationStep::Content,
            draft: ConversationDraft { number: ctx.fresh.to_owned(), ..ConversationDraft::default() },
        }
    }
}

impl ConversationTurn {
    /// A turn with replies only.
    pub(super) fn said(conversation: Conversation, replies: Vec<String>) -> Self {
        Self { conversation, replies, effect: None }
    }

    /// A turn with an effect only.
    pub(super) const fn done(conversation: Conversation, effect: ConversationEffect) -> Self {
        Self { conversation, replies: Vec::new(), effect: Some(effect) }
    }
}

/// Handles one event.
#[must_use]
pub fn handle_event(conversation: Conversation, event: &ConversationEvent, ctx: &ConversationContext<'_>) -> ConversationTurn {
    match event {
        ConversationEvent::Text(text) => match command::read(text) {
            Some(command) => obey(conversation, command, text, ctx),
            None => transitions::take_text(conversation, text, ctx),
        },
        ConversationEvent::Photos(urls, words) => transitions::take_photos(conversation, urls, words.as_deref(), ctx),
        ConversationEvent::Place(latitude, longitude) => transitions::take_place(conversation, (*latitude, *longitude), ctx),
        ConversationEvent::Unreadable(kind) => {
            let words = vec![phrases::unreadable(*kind).to_owned()];
            if conversation.is_open() { ask_again(conversation, words, ctx) } else { ConversationTurn::said(conversation, words) }
        }
        ConversationEvent::Follow if !conversation.is_open() => {
            ConversationTurn::said(conversation, vec![phrases::GREETING.to_owned()])
        }
        ConversationEvent::Unfollow => ConversationTurn::said(Conversation::default(), Vec::new()),
        ConversationEvent::Follow | ConversationEvent::Arrived(_) | ConversationEvent::Nothing => {
            ConversationTurn::said(conversation, Vec::new())
        }
    }
}

/// Executes a command.
fn obey(conversation: Conversation, command: ChatCommand, text: &str, ctx: &ConversationContext<'_>) -> ConversationTurn {
    let is_open = conversation.is_open();
    match command {
        ChatCommand::Cancel if is_open => ConversationTurn::said(Conversation::default(), vec![phrases::CANCELLED.to_owned()]),
        ChatCommand::Cancel => ConversationTurn::said(conversation, vec![phrases::NOTHING_OPEN.to_owned()]),
        ChatCommand::Restart => ask(Conversation::begun(ctx), Vec::new(), ctx),
        ChatCommand::Begin if is_open => ask_again(conversation, Vec::new(), ctx),
        ChatCommand::Begin => ask(Conversation::begun(ctx), Vec::new(), ctx),
        ChatCommand::Help if is_open => ask_again(conversation, vec![phrases::HELP.to_owned()], ctx),
        ChatCommand::Help => ConversationTurn::said(conversation, vec![phrases::HELP.to_owned()]),
        ChatCommand::Answer(text) if ctx.person.asked.is_some() => {
            let code = ctx.person.asked.clone().unwrap_or_default();
            ConversationTurn::done(conversation, ConversationEffect::Answer { code, text })
        }
        // No question is open, so treat it as ordinary text.
        ChatCommand::Answer(_) => transitions::take_text(conversation, text, ctx),
        ChatCommand::LookUp(code) => ConversationTurn::done(conversation, ConversationEffect::LookUp(code)),
        ChatCommand::Mine => ConversationTurn::done(conversation, ConversationEffect::Mine),
        ChatCommand::Send if conversation.step == ConversationStep::Confirm => {
            ConversationTurn::done(conversation, ConversationEffect::File)
        }
        ChatCommand::Skip => skip(conversation, text, ctx),
        ChatCommand::Send if is_open => ask_again(conversation, Vec::new(), ctx),
        ChatCommand::Send => ConversationTurn::said(conversation, vec![phrases::NOTHING_OPEN.to_owned()]),
    }
}

fn skip(mut conversation: Conversation, text: &str, ctx: &ConversationContext<'_>) -> ConversationTurn {
    match conversation.step {
        ConversationStep::Photo => conversation.draft.has_all_photos = true,
        ConversationStep::Phone => conversation.draft.without_phone = true,
        // Skipping the comment drops the rating: a low score requires a reason.
        ConversationStep::Comment => {
            return ConversationTurn::said(Conversation::default(), vec![phrases::CANCELLED_RATING.to_owned()]);
        }
        ConversationStep::Menu => return transitions::take_text(conversation, text, ctx),
        _ => return ask_again(conversation, vec![phrases::NOT_TO_BE_SKIPPED.to_owned()], ctx),
    }
    ask(conversation, Vec::new(), ctx)
}

/// Handles the outcome of an effect.
#[must_use]
pub fn settle(conversation: Conversation, outcome: EffectOutcome, ctx: &ConversationContext<'_>) -> ConversationTurn {
    match outcome {
        EffectOutcome::Photos(ids, problem) => transitions::photos_taken(conversation, ids, problem, ctx),
        // The receipt is sent by the outbox for the filing event; do not send it twice.
        EffectOutcome::Filed => ConversationTurn::said(Conversation::default(), Vec::new()),
        EffectOutcome::NotFiled(problems) => transitions::not_filed(conversation, problems, ctx),
        EffectOutcome::Rated => ConversationTurn::said(Conversation::default(), vec![phrases::RATED.to_owned()]),
        EffectOutcome::NotRated => ConversationTurn::said(Conversation::default(), vec![phrases::NOT_RATED.to_owned()]),
        EffectOutcome::Replied(words) if conversation.is_open() => ask_again(conversation, vec![words], ctx),
        EffectOutcome::Replied(words) => ConversationTurn::said(conversation, vec![words]),
    }
}

/// Determines the next missing item and asks for it.
pub(super) fn ask(mut conversation: Conversation, mut replies: Vec<String>, ctx: &ConversationContext<'_>) -> ConversationTurn {
    let person = ctx.person;
    let knows_name = person.full_name.is_some();
    let knows_phone = person.phone.is_some() || person.has_account;
    conversation.step = conversation.draft.missing(knows_name, knows_phone);
    conversation.draft.choices = Vec::new();
    if conversation.step == ConversationStep::Category {
        let content = conversation.draft.content.as_deref().unwrap_or_default();
        let suggested = category::suggested(ctx.directory, ctx.day, content);
        conversation.draft.choices =
            if suggested.is_empty() { category::all(ctx.directory, ctx.day) } else { with_other(suggested) };
    }
    replies.push(question(&conversation, ctx));
    ConversationTurn::said(conversation, replies)
}

/// Repeats the current question after some other texts.
pub(super) fn ask_again(conversation: Conversation, mut replies: Vec<String>, ctx: &ConversationContext<'_>) -> ConversationTurn {
    replies.push(question(&conversation, ctx));
    ConversationTurn::said(conversation, replies)
}

/// Code of the choice "another one".
pub(super) const OTHER: &str = "";

fn with_other(mut choices: Vec<DraftChoice>) -> Vec<DraftChoice> {
    choices.push(DraftChoice { code: OTHER.to_owned(), name: String::new() });
    choices
}

fn question(conversation: &Conversation, ctx: &ConversationContext<'_>) -> String {
    let draft = &conversation.draft;
    match conversation.step {
        ConversationStep::Menu => phrases::GREETING.to_owned(),
        ConversationStep::Content => phrases::ASK_CONTENT.to_owned(),
        ConversationStep::Place if draft.choices.is_empty() && draft.point.is_some() => phrases::ASK_COMMUNE.to_owned(),
        ConversationStep::Place if draft.choices.is_empty() => phrases::ASK_PLACE.to_owned(),
        ConversationStep::Place if draft.point.is_some() => phrases::which_place_near(&draft.choices),
        ConversationStep::Place => phrases::which_place(&draft.choices),
        ConversationStep::Category => match draft.choices.split_last() {
            Some((last, suggested)) if last.code == OTHER => phrases::which_category(suggested),
            _ => phrases::every_category(&draft.choices),
        },
        ConversationStep::Photo => phrases::ASK_PHOTO.to_owned(),
        ConversationStep::Name => phrases::ASK_NAME.to_owned(),
        ConversationStep::Phone => phrases::ASK_PHONE.to_owned(),
        ConversationStep::Comment => phrases::ASK_COMMENT.to_owned(),
        ConversationStep::Confirm => {
            let person = ctx.person;
            let name = draft.full_name.as_deref().or(person.full_name.as_deref());
            let phone = draft.phone.as_deref().or(if draft.without_phone { None } else { person.phone.as_deref() });
            phrases::summary(draft, name, phone)
        }
    }
}
