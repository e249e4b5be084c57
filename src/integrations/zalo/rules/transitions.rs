//! The single steps of a conversation: handling a text, photos or a location, depending on the current question.

use crate::integrations::zalo::rules::conversation::{
    Conversation, ConversationContext, ConversationEffect, ConversationTurn, OTHER, ask, ask_again,
};
use crate::integrations::zalo::rules::{ConversationStep, DraftChoice, DraftRating, category, command, phrases, place};
use crate::kernel::location::Location;
use crate::kernel::phone::Phone;
use crate::kernel::search_text::fold;
use crate::kernel::text;

/// An unprompted text of at least this many characters is taken as the content of a petition, not as a greeting.
const A_STORY: usize = 40;
/// Scores up to this one require a comment.
const LOW_SCORE: i32 = 2;

/// Handles a text that is not a command.
pub(super) fn take_text(mut conversation: Conversation, said: &str, ctx: &ConversationContext<'_>) -> ConversationTurn {
    match conversation.step {
        ConversationStep::Menu => without_question(conversation, said, ctx),
        ConversationStep::Content => match text::clean(said, 10, 5000) {
            Ok(content) => {
                conversation.draft.content = Some(content);
                ask(conversation, Vec::new(), ctx)
            }
            Err(_) => ask_again(conversation, vec![phrases::WRONG_LENGTH.to_owned()], ctx),
        },
        ConversationStep::Place => take_area(conversation, said, ctx),
        ConversationStep::Category => take_category(conversation, said, ctx),
        ConversationStep::Photo if command::digit(said).is_some() => {
            ask_again(conversation, vec![phrases::NO_NUMBER_WANTED.to_owned()], ctx)
        }
        // Additional text for the same petition.
        ConversationStep::Photo => match text::clean(said, 1, 4000) {
            Ok(more) => {
                let content = conversation.draft.content.take().unwrap_or_default();
                conversation.draft.content = Some(format!("{content}\n{more}"));
                ask_again(conversation, vec!["Đã ghi thêm vào nội dung.".to_owned()], ctx)
            }
            Err(_) => ask_again(conversation, vec![phrases::WRONG_LENGTH.to_owned()], ctx),
        },
        ConversationStep::Name => take_name(conversation, said, ctx),
        ConversationStep::Phone => match said.parse::<Phone>() {
            Ok(phone) => {
                conversation.draft.phone = Some(phone.to_string());
                ask(conversation, Vec::new(), ctx)
            }
            Err(_) => ask_again(conversation, vec![phrases::WRONG_PHONE.to_owned()], ctx),
        },
        ConversationStep::Confirm => ask_again(conversation, Vec::new(), ctx),
        ConversationStep::Comment => match (text::clean(said, 1, 2000), conversation.draft.rating.clone()) {
            (Ok(comment), Some(DraftRating { code, score })) => {
                ConversationTurn::done(conversation, ConversationEffect::Rate { code, score, comment: Some(comment) })
            }
            _ => ask_again(conversation, Vec::new(), ctx),
        },
    }
}

/// Takes a name; a phone number next to it is taken as the phone.
fn take_name(mut conversation: Conversation, said: &str, ctx: &ConversationContext<'_>) -> ConversationTurn {
    let (name, phone) = match with_phone(said) {
        Some((name, phone)) => (name, Some(phone)),
        None => (said.to_owned(), None),
    };
    if name.chars().any(|letter| letter.is_ascii_digit()) {
        return ask_again(conversation, vec![phrases::NAME_WITHOUT_DIGITS.to_owned()], ctx);
    }
    match text::clean_line(&name, 2, 100) {
        Ok(name) => {
            conversation.draft.full_name = Some(name);
            if let Some(phone) = phone {
                conversation.draft.phone = Some(phone.to_string());
            }
            ask(conversation, Vec::new(), ctx)
        }
        Err(_) => ask_again(conversation, vec![phrases::WRONG_NAME.to_owned()], ctx),
    }
}

/// Splits a name and a phone number before or after it.
fn with_phone(said: &str) -> Option<(String, Phone)> {
    let is_digit = |letter: char| letter.is_ascii_digit();
    let (first, last) = (said.find(|letter| is_digit(letter) || letter == '+')?, said.rfind(is_digit)?);
    let (head, rest) = said.split_at_checked(first)?;
    let (number, tail) = rest.split_at_checked((last + 1).checked_sub(first)?)?;
    let phone = number.parse::<Phone>().ok()?;
    let joined = format!("{head} {tail}");
    let is_label = |word: &&str| {
        let folded = fold(word);
        matches!(
            folded.trim_matches(|c: char| !c.is_alphanumeric()),
            "" | "sdt" | "dt" | "so" | "dien" | "thoai" | "tel" | "phone"
        )
    };
    let words: Vec<&str> = joined.split_whitespace().collect();
    let behind = words.iter().rev().take_while(|word| is_label(word)).count();
    let name = words.get(..words.len().saturating_sub(behind))?.join(" ");
    let name = name.trim_matches(|letter: char| !letter.is_alphabetic() && letter != '.').trim().to_owned();
    (!name.is_empty()).then_some((name, phone))
}

/// Handles a text without an open draft: a rating, a petition's content, or something to answer with a greeting.
fn without_question(mut conversation: Conversation, said: &str, ctx: &ConversationContext<'_>) -> ConversationTurn {
    let score = command::digit(said).filter(|score| (1..=5).contains(score)).and_then(|score| i32::try_from(score).ok());
    if let (Some(score), Some(code)) = (score, ctx.person.to_be_rated.clone()) {
        if score > LOW_SCORE {
            return ConversationTurn::done(conversation, ConversationEffect::Rate { code, score, comment: None });
        }
        conversation.draft.rating = Some(DraftRating { code, score });
        conversation.step = ConversationStep::Comment;
        return ask_again(conversation, Vec::new(), ctx);
    }
    match text::clean(said, A_STORY, 5000) {
        Ok(content) => {
            let mut begun = Conversation::begun(ctx);
            begun.draft.content = Some(content);
            ask(begun, vec!["Đã ghi nội dung phản ánh.".to_owned()], ctx)
        }
        Err(_) => {
            let waits = ctx.person.asked.as_deref().map(phrases::question_waits);
            ConversationTurn::said(conversation, vec![waits.unwrap_or_else(|| phrases::GREETING.to_owned())])
        }
    }
}

/// The chosen item if the text is a number; the inner `None` means "another one" or not in the list.
fn chosen(choices: &[DraftChoice], said: &str) -> Option<Option<DraftChoice>> {
    let number = command::digit(said)?;
    Some(number.checked_sub(1).and_then(|place| choices.get(place)).filter(|choice| choice.code != OTHER).cloned())
}

fn take_area(mut conversation: Conversation, said: &str, ctx: &ConversationContext<'_>) -> ConversationTurn {
    let draft = &mut conversation.draft;
    if let (false, Some(choice)) = (draft.choices.is_empty(), chosen(&draft.choices, said)) {
        return match choice {
            Some(area) => {
                draft.area = Some(area);
                ask(conversation, Vec::new(), ctx)
            }
            None => ask_again(conversation, vec![phrases::NOT_IN_THE_LIST.to_owned()], ctx),
        };
    }
    let mut found = place::named(ctx.directory, ctx.day, said);
    if let [area] = found.as_slice() {
        let told = format!("Địa bàn: {}.", area.name);
        draft.area = Some(area.clone());
        return ask(conversation, vec![told], ctx);
    }
    if found.is_empty() {
        return ask_again(conversation, vec![phrases::UNKNOWN_PLACE.to_owned()], ctx);
    }
    let is_cut = found.len() > place::MOST_CHOICES;
    found.truncate(place::MOST_CHOICES);
    draft.choices = found;
    let words = if is_cut {
        vec!["Có nhiều địa danh giống nhau; có thể nhắn đầy đủ hơn.".to_owned()]
    } else {
        Vec::new()
    };
    ask_again(conversation, words, ctx)
}

fn take_category(mut conversation: Conversation, said: &str, ctx: &ConversationContext<'_>) -> ConversationTurn {
    let draft = &mut conversation.draft;
    let offers_more = draft.choices.last().is_some_and(|last| last.code == OTHER);
    if let Some(choice) = chosen(&draft.choices, said) {
        return match choice {
            Some(category) => {
                draft.category = Some(category);
                ask(conversation, Vec::new(), ctx)
            }
            None if offers_more && command::digit(said) == Some(0) => {
                draft.choices = category::all(ctx.directory, ctx.day);
                ask_again(conversation, Vec::new(), ctx)
            }
            None => ask_again(conversation, vec![phrases::NOT_IN_THE_LIST.to_owned()], ctx),
        };
    }
    let found = category::named(ctx.directory, ctx.day, said);
    match found.as_slice() {
        [category] => {
            draft.category = Some(category.clone());
            ask(conversation, Vec::new(), ctx)
        }
        [] => ask_again(conversation, vec![phrases::NOT_IN_THE_LIST.to_owned()], ctx),
        _ => {
            draft.choices = found;
            ask_again(conversation, Vec::new(), ctx)
        }
    }
}

/// Handles a location.
pub(super) fn take_place(mut conversation: Conversation, point: (f64, f64), ctx: &ConversationContext<'_>) -> ConversationTurn {
    if conversation.step == ConversationStep::Comment {
        return ask_again(conversation, Vec::new(), ctx);
    }
    if !conversation.is_open() {
        conversation = Conversation::begun(ctx);
    }
    let near = match Location::new(point.0, point.1) {
        Ok(_) => place::around(ctx.directory, ctx.day, point),
        Err(_) => Vec::new(),
    };
    if near.is_empty() && !place::is_inside(ctx.directory, ctx.day, point) {
        return ask_again(conversation, vec![phrases::PLACE_OUTSIDE.to_owned()], ctx);
    }
    let draft = &mut conversation.draft;
    draft.point = Some(point);
    // The commune is already known; the location only adds the exact point.
    if draft.area.is_some() {
        return ask_again(conversation, vec![phrases::PLACE_TAKEN.to_owned()], ctx);
    }
    let words = if near.is_empty() { vec![phrases::PLACE_TAKEN.to_owned()] } else { Vec::new() };
    draft.choices = near;
    conversation.step = ConversationStep::Place;
    ask_again(conversation, words, ctx)
}

/// Handles photos.
pub(super) fn take_photos(
    mut conversation: Conversation,
    urls: &[String],
    words: Option<&str>,
    ctx: &ConversationContext<'_>,
) -> ConversationTurn {
    if conversation.step == ConversationStep::Comment {
        return ask_again(conversation, Vec::new(), ctx);
    }
    if !conversation.is_open() {
        conversation = Conversation::begun(ctx);
    }
    if conversation.draft.content.is_none() {
        conversation.draft.content = words.and_then(|words| text::clean(words, 10, 5000).ok());
    }
    let room = ctx.most_photos.saturating_sub(conversation.draft.photos.len());
    if room == 0 {
        return ask_again(conversation, vec![format!("Một phản ánh có tối đa {} ảnh.", ctx.most_photos)], ctx);
    }
    let wanted = urls.iter().take(room).cloned().collect();
    ConversationTurn::done(conversation, ConversationEffect::TakePhotos(wanted))
}

/// Handles the outcome of storing photos.
pub(super) fn photos_taken(
    mut conversation: Conversation,
    ids: Vec<String>,
    problem: Option<String>,
    ctx: &ConversationContext<'_>,
) -> ConversationTurn {
    let mut replies = Vec::new();
    conversation.draft.photos.extend(ids);
    if !conversation.draft.photos.is_empty() {
        replies.push(phrases::photo_taken(conversation.draft.photos.len()));
    }
    replies.extend(problem);
    // Keep the choices of the current question; the caption may have answered it.
    if conversation.step == ConversationStep::Content && conversation.draft.content.is_some() {
        return ask(conversation, replies, ctx);
    }
    ask_again(conversation, replies, ctx)
}

/// Reports the problems of a draft and asks for the values again.
pub(super) fn not_filed(
    mut conversation: Conversation,
    problems: Vec<(String, String)>,
    ctx: &ConversationContext<'_>,
) -> ConversationTurn {
    let draft = &mut conversation.draft;
    for (field, _) in &problems {
        match field.split(['.', '[']).next().unwrap_or_default() {
            "title" | "content" => draft.content = None,
            "category" => draft.category = None,
            "area" => draft.area = None,
            "location" => (draft.area, draft.point) = (None, None),
            "attachments" => {
                draft.photos.clear();
                draft.has_all_photos = false;
            }
            "petitioner" => (draft.full_name, draft.phone, draft.without_phone) = (None, None, false),
            _ => {}
        }
    }
    let mut told: Vec<String> = problems.into_iter().map(|(_, sentence)| sentence).collect();
    told.dedup();
    ask(conversation, vec![format!("Chưa gửi được: {}", told.join(" "))], ctx)
}
