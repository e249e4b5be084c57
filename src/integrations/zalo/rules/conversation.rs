//! The conversation as a state machine: enters where it stands and what was heard, leaves where it stands then, what is said, and at most
//! one deed.
//!
//! A deed ([`ConversationEffect`]) is done by the services; what came of it ([`EffectOutcome`]) comes in by [`settle`]. What is asked next follows from what
//! the draft lacks, so that a place may come before the words and a photo before both. Texts of the single steps are in `transitions`.

use crate::directory::rules::directory::Directory;
use crate::integrations::zalo::rules::command::{self, ChatCommand};
use crate::integrations::zalo::rules::event::ConversationEvent;
use crate::integrations::zalo::rules::{ConversationDraft, ConversationStep, DraftChoice, category, phrases, transitions};
use chrono::NaiveDate;

/// Where a conversation stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// What it waits for.
    pub step: ConversationStep,
    /// What was gathered.
    pub draft: ConversationDraft,
}

/// What is known of the person beside the conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationPerson {
    /// Name.
    pub full_name: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Whether an account is linked, whose own data are used.
    pub has_account: bool,
    /// The code of an answered petition that was not rated yet.
    pub to_be_rated: Option<String>,
    /// The code of a petition whose agency has asked something.
    pub asked: Option<String>,
}

/// The context of one turn.
#[derive(Debug, Clone, Copy)]
pub struct ConversationContext<'a> {
    /// The directory of now.
    pub directory: &'a Directory,
    /// Today.
    pub day: NaiveDate,
    /// Who talks.
    pub person: &'a ConversationPerson,
    /// A number for a draft that begins now.
    pub fresh: &'a str,
    /// Photos that one petition may have.
    pub most_photos: usize,
}

/// Something to be done because of what was said.
#[derive(Debug, Clone, PartialEq)]
pub enum ConversationEffect {
    /// Take in the photos at these addresses.
    TakePhotos(Vec<String>),
    /// File the draft.
    File,
    /// Rate the answer to a petition.
    Rate {
        /// Its code.
        code: String,
        /// 1 to 5.
        score: i32,
        /// The words to it.
        comment: Option<String>,
    },
    /// Answer what the agency has asked.
    Answer {
        /// Of which petition.
        code: String,
        /// The answer.
        text: String,
    },
    /// Tell about one petition.
    LookUp(String),
    /// Tell about all of the person's.
    Mine,
}

/// What came of a deed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EffectOutcome {
    /// Photos were taken in; why others were not.
    Photos(Vec<String>, Option<String>),
    /// Filed; the receipt goes its own way.
    Filed,
    /// Fields that break rules, with sentences about them.
    NotFiled(Vec<(String, String)>),
    /// Rated.
    Rated,
    /// Not to be rated any more.
    NotRated,
    /// Something to be said.
    Replied(String),
}

/// What a turn leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationTurn {
    /// Where the conversation stands then.
    pub conversation: Conversation,
    /// What is said, in this order.
    pub replies: Vec<String>,
    /// What is to be done.
    pub effect: Option<ConversationEffect>,
}

impl Default for Conversation {
    fn default() -> Self {
        Self { step: ConversationStep::Menu, draft: ConversationDraft::default() }
    }
}

impl Conversation {
    /// Whether a draft is open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self.step, ConversationStep::Menu)
    }

    /// A conversation with an empty draft.
    pub(super) fn begun(ctx: &ConversationContext<'_>) -> Self {
        Self {
            step: ConversationStep::Content,
            draft: ConversationDraft { number: ctx.fresh.to_owned(), ..ConversationDraft::default() },
        }
    }
}

impl ConversationTurn {
    /// Nothing but words.
    pub(super) fn said(conversation: Conversation, replies: Vec<String>) -> Self {
        Self { conversation, replies, effect: None }
    }

    /// A deed, without words.
    pub(super) const fn done(conversation: Conversation, effect: ConversationEffect) -> Self {
        Self { conversation, replies: Vec::new(), effect: Some(effect) }
    }
}

/// One turn.
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

/// What a word that means the same at any time does.
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
        // Nobody has asked: these are words like others.
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
        // Nobody can be made to say why; the rating then is not given.
        ConversationStep::Comment => {
            return ConversationTurn::said(Conversation::default(), vec![phrases::CANCELLED_RATING.to_owned()]);
        }
        ConversationStep::Menu => return transitions::take_text(conversation, text, ctx),
        _ => return ask_again(conversation, vec![phrases::NOT_TO_BE_SKIPPED.to_owned()], ctx),
    }
    ask(conversation, Vec::new(), ctx)
}

/// What came of a deed, told.
#[must_use]
pub fn settle(conversation: Conversation, outcome: EffectOutcome, ctx: &ConversationContext<'_>) -> ConversationTurn {
    match outcome {
        EffectOutcome::Photos(ids, problem) => transitions::photos_taken(conversation, ids, problem, ctx),
        // The receipt is the message of the event itself, and nobody is told twice.
        EffectOutcome::Filed => ConversationTurn::said(Conversation::default(), Vec::new()),
        EffectOutcome::NotFiled(problems) => transitions::not_filed(conversation, problems, ctx),
        EffectOutcome::Rated => ConversationTurn::said(Conversation::default(), vec![phrases::RATED.to_owned()]),
        EffectOutcome::NotRated => ConversationTurn::said(Conversation::default(), vec![phrases::NOT_RATED.to_owned()]),
        EffectOutcome::Replied(words) if conversation.is_open() => ask_again(conversation, vec![words], ctx),
        EffectOutcome::Replied(words) => ConversationTurn::said(conversation, vec![words]),
    }
}

/// Goes on to what the draft lacks and asks for it.
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

/// Asks the same question once more, behind some words.
pub(super) fn ask_again(conversation: Conversation, mut replies: Vec<String>, ctx: &ConversationContext<'_>) -> ConversationTurn {
    replies.push(question(&conversation, ctx));
    ConversationTurn::said(conversation, replies)
}

/// A choice of this code stands for "another one".
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
