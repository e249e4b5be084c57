//! The conversation as a state machine: enters where it stands and what was heard, leaves where it stands then, what is said, and at most
//! one deed.
//!
//! A deed ([`Effect`]) is done by the services; what came of it ([`Outcome`]) comes in by [`settle`]. What is asked next follows from what
//! the draft lacks, so that a place may come before the words and a photo before both. Texts of the single steps are in `turns`.

use crate::directory::rules::directory::Directory;
use crate::integrations::zalo::rules::command::{self, Command};
use crate::integrations::zalo::rules::event::Heard;
use crate::integrations::zalo::rules::{Choice, Draft, Step, category, speech, turns};
use chrono::NaiveDate;

/// Where a conversation stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// What it waits for.
    pub step: Step,
    /// What was gathered.
    pub draft: Draft,
}

/// What is known of the person beside the conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
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

/// What stands around one turn.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The directory of now.
    pub directory: &'a Directory,
    /// Today.
    pub day: NaiveDate,
    /// Who talks.
    pub person: &'a Person,
    /// A number for a draft that begins now.
    pub fresh: &'a str,
    /// Photos that one petition may have.
    pub most_photos: usize,
}

/// Something to be done because of what was said.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
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
pub enum Outcome {
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
    Told(String),
}

/// What a turn leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Where the conversation stands then.
    pub conversation: Conversation,
    /// What is said, in this order.
    pub replies: Vec<String>,
    /// What is to be done.
    pub effect: Option<Effect>,
}

impl Default for Conversation {
    fn default() -> Self {
        Self { step: Step::Menu, draft: Draft::default() }
    }
}

impl Conversation {
    /// Whether a draft is open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self.step, Step::Menu)
    }

    /// A conversation with an empty draft.
    pub(super) fn begun(around: &Around<'_>) -> Self {
        Self { step: Step::Content, draft: Draft { number: around.fresh.to_owned(), ..Draft::default() } }
    }
}

impl Turn {
    /// Nothing but words.
    pub(super) fn said(conversation: Conversation, replies: Vec<String>) -> Self {
        Self { conversation, replies, effect: None }
    }

    /// A deed, without words.
    pub(super) const fn done(conversation: Conversation, effect: Effect) -> Self {
        Self { conversation, replies: Vec::new(), effect: Some(effect) }
    }
}

/// One turn.
#[must_use]
pub fn hear(conversation: Conversation, heard: &Heard, around: &Around<'_>) -> Turn {
    match heard {
        Heard::Text(text) => match command::read(text) {
            Some(command) => obey(conversation, command, text, around),
            None => turns::take_text(conversation, text, around),
        },
        Heard::Photos(urls, words) => turns::take_photos(conversation, urls, words.as_deref(), around),
        Heard::Place(latitude, longitude) => turns::take_place(conversation, (*latitude, *longitude), around),
        Heard::Unreadable(kind) => {
            let words = vec![speech::unreadable(*kind).to_owned()];
            if conversation.is_open() { ask_again(conversation, words, around) } else { Turn::said(conversation, words) }
        }
        Heard::Follow if !conversation.is_open() => Turn::said(conversation, vec![speech::GREETING.to_owned()]),
        Heard::Unfollow => Turn::said(Conversation::default(), Vec::new()),
        Heard::Follow | Heard::Arrived(_) | Heard::Nothing => Turn::said(conversation, Vec::new()),
    }
}

/// What a word that means the same at any time does.
fn obey(conversation: Conversation, command: Command, text: &str, around: &Around<'_>) -> Turn {
    let is_open = conversation.is_open();
    match command {
        Command::Cancel if is_open => Turn::said(Conversation::default(), vec![speech::CANCELLED.to_owned()]),
        Command::Cancel => Turn::said(conversation, vec![speech::NOTHING_OPEN.to_owned()]),
        Command::Restart => ask(Conversation::begun(around), Vec::new(), around),
        Command::Begin if is_open => ask_again(conversation, Vec::new(), around),
        Command::Begin => ask(Conversation::begun(around), Vec::new(), around),
        Command::Help if is_open => ask_again(conversation, vec![speech::HELP.to_owned()], around),
        Command::Help => Turn::said(conversation, vec![speech::HELP.to_owned()]),
        Command::Answer(text) if around.person.asked.is_some() => {
            let code = around.person.asked.clone().unwrap_or_default();
            Turn::done(conversation, Effect::Answer { code, text })
        }
        // Nobody has asked: these are words like others.
        Command::Answer(_) => turns::take_text(conversation, text, around),
        Command::LookUp(code) => Turn::done(conversation, Effect::LookUp(code)),
        Command::Mine => Turn::done(conversation, Effect::Mine),
        Command::Send if conversation.step == Step::Confirm => Turn::done(conversation, Effect::File),
        Command::Skip => skip(conversation, text, around),
        Command::Send if is_open => ask_again(conversation, Vec::new(), around),
        Command::Send => Turn::said(conversation, vec![speech::NOTHING_OPEN.to_owned()]),
    }
}

fn skip(mut conversation: Conversation, text: &str, around: &Around<'_>) -> Turn {
    match conversation.step {
        Step::Photo => conversation.draft.has_all_photos = true,
        Step::Phone => conversation.draft.without_phone = true,
        // Nobody can be made to say why; the rating then is not given.
        Step::Comment => return Turn::said(Conversation::default(), vec![speech::CANCELLED_RATING.to_owned()]),
        Step::Menu => return turns::take_text(conversation, text, around),
        _ => return ask_again(conversation, vec![speech::NOT_TO_BE_SKIPPED.to_owned()], around),
    }
    ask(conversation, Vec::new(), around)
}

/// What came of a deed, told.
#[must_use]
pub fn settle(conversation: Conversation, outcome: Outcome, around: &Around<'_>) -> Turn {
    match outcome {
        Outcome::Photos(ids, problem) => turns::photos_taken(conversation, ids, problem, around),
        // The receipt is the message of the event itself, and nobody is told twice.
        Outcome::Filed => Turn::said(Conversation::default(), Vec::new()),
        Outcome::NotFiled(problems) => turns::not_filed(conversation, problems, around),
        Outcome::Rated => Turn::said(Conversation::default(), vec![speech::RATED.to_owned()]),
        Outcome::NotRated => Turn::said(Conversation::default(), vec![speech::NOT_RATED.to_owned()]),
        Outcome::Told(words) if conversation.is_open() => ask_again(conversation, vec![words], around),
        Outcome::Told(words) => Turn::said(conversation, vec![words]),
    }
}

/// Goes on to what the draft lacks and asks for it.
pub(super) fn ask(mut conversation: Conversation, mut replies: Vec<String>, around: &Around<'_>) -> Turn {
    let person = around.person;
    let knows_name = person.full_name.is_some();
    let knows_phone = person.phone.is_some() || person.has_account;
    conversation.step = conversation.draft.missing(knows_name, knows_phone);
    conversation.draft.choices = Vec::new();
    if conversation.step == Step::Category {
        let content = conversation.draft.content.as_deref().unwrap_or_default();
        let suggested = category::suggested(around.directory, around.day, content);
        conversation.draft.choices =
            if suggested.is_empty() { category::all(around.directory, around.day) } else { with_other(suggested) };
    }
    replies.push(question(&conversation, around));
    Turn::said(conversation, replies)
}

/// Asks the same question once more, behind some words.
pub(super) fn ask_again(conversation: Conversation, mut replies: Vec<String>, around: &Around<'_>) -> Turn {
    replies.push(question(&conversation, around));
    Turn::said(conversation, replies)
}

/// A choice of this code stands for "another one".
pub(super) const OTHER: &str = "";

fn with_other(mut choices: Vec<Choice>) -> Vec<Choice> {
    choices.push(Choice { code: OTHER.to_owned(), name: String::new() });
    choices
}

fn question(conversation: &Conversation, around: &Around<'_>) -> String {
    let draft = &conversation.draft;
    match conversation.step {
        Step::Menu => speech::GREETING.to_owned(),
        Step::Content => speech::ASK_CONTENT.to_owned(),
        Step::Place if draft.choices.is_empty() && draft.point.is_some() => speech::ASK_COMMUNE.to_owned(),
        Step::Place if draft.choices.is_empty() => speech::ASK_PLACE.to_owned(),
        Step::Place if draft.point.is_some() => speech::which_place_near(&draft.choices),
        Step::Place => speech::which_place(&draft.choices),
        Step::Category => match draft.choices.split_last() {
            Some((last, suggested)) if last.code == OTHER => speech::which_category(suggested),
            _ => speech::every_category(&draft.choices),
        },
        Step::Photo => speech::ASK_PHOTO.to_owned(),
        Step::Name => speech::ASK_NAME.to_owned(),
        Step::Phone => speech::ASK_PHONE.to_owned(),
        Step::Comment => speech::ASK_COMMENT.to_owned(),
        Step::Confirm => {
            let person = around.person;
            let name = draft.full_name.as_deref().or(person.full_name.as_deref());
            let phone = draft.phone.as_deref().or(if draft.without_phone { None } else { person.phone.as_deref() });
            speech::summary(draft, name, phone)
        }
    }
}
