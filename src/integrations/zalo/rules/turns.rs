//! The single steps of a conversation: what a text, a photo and a place do where they come.

use crate::integrations::zalo::rules::conversation::{Around, Conversation, Effect, OTHER, Turn, ask, ask_again};
use crate::integrations::zalo::rules::{Choice, Rating, Step, category, command, place, speech};
use crate::kernel::location::Location;
use crate::kernel::phone::Phone;
use crate::kernel::search_text::fold;
use crate::kernel::text;

/// A text of so many characters that comes without a question is what a petition is about, and no greeting.
const A_STORY: usize = 40;
/// Scores up to this one need words.
const LOW_SCORE: i32 = 2;

/// A text that is no command.
pub(super) fn take_text(mut conversation: Conversation, said: &str, around: &Around<'_>) -> Turn {
    match conversation.step {
        Step::Menu => without_question(conversation, said, around),
        Step::Content => match text::clean(said, 10, 5000) {
            Ok(content) => {
                conversation.draft.content = Some(content);
                ask(conversation, Vec::new(), around)
            }
            Err(_) => ask_again(conversation, vec![speech::WRONG_LENGTH.to_owned()], around),
        },
        Step::Place => take_area(conversation, said, around),
        Step::Category => take_category(conversation, said, around),
        Step::Photo if command::digit(said).is_some() => {
            ask_again(conversation, vec![speech::NO_NUMBER_WANTED.to_owned()], around)
        }
        // More words to the same petition.
        Step::Photo => match text::clean(said, 1, 4000) {
            Ok(more) => {
                let content = conversation.draft.content.take().unwrap_or_default();
                conversation.draft.content = Some(format!("{content}\n{more}"));
                ask_again(conversation, vec!["Đã ghi thêm vào nội dung.".to_owned()], around)
            }
            Err(_) => ask_again(conversation, vec![speech::WRONG_LENGTH.to_owned()], around),
        },
        Step::Name => take_name(conversation, said, around),
        Step::Phone => match said.parse::<Phone>() {
            Ok(phone) => {
                conversation.draft.phone = Some(phone.to_string());
                ask(conversation, Vec::new(), around)
            }
            Err(_) => ask_again(conversation, vec![speech::WRONG_PHONE.to_owned()], around),
        },
        Step::Confirm => ask_again(conversation, Vec::new(), around),
        Step::Comment => match (text::clean(said, 1, 2000), conversation.draft.rating.clone()) {
            (Ok(comment), Some(Rating { code, score })) => {
                Turn::done(conversation, Effect::Rate { code, score, comment: Some(comment) })
            }
            _ => ask_again(conversation, Vec::new(), around),
        },
    }
}

/// A name; a phone beside it is taken as the phone.
fn take_name(mut conversation: Conversation, said: &str, around: &Around<'_>) -> Turn {
    let (name, phone) = match with_phone(said) {
        Some((name, phone)) => (name, Some(phone)),
        None => (said.to_owned(), None),
    };
    if name.chars().any(|letter| letter.is_ascii_digit()) {
        return ask_again(conversation, vec![speech::NAME_WITHOUT_DIGITS.to_owned()], around);
    }
    match text::clean_line(&name, 2, 100) {
        Ok(name) => {
            conversation.draft.full_name = Some(name);
            if let Some(phone) = phone {
                conversation.draft.phone = Some(phone.to_string());
            }
            ask(conversation, Vec::new(), around)
        }
        Err(_) => ask_again(conversation, vec![speech::WRONG_NAME.to_owned()], around),
    }
}

/// A name and the phone that stands before or behind it.
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

/// Words where no draft is open: a rating, a story, or something to be greeted.
fn without_question(mut conversation: Conversation, said: &str, around: &Around<'_>) -> Turn {
    let score = command::digit(said).filter(|score| (1..=5).contains(score)).and_then(|score| i32::try_from(score).ok());
    if let (Some(score), Some(code)) = (score, around.person.to_be_rated.clone()) {
        if score > LOW_SCORE {
            return Turn::done(conversation, Effect::Rate { code, score, comment: None });
        }
        conversation.draft.rating = Some(Rating { code, score });
        conversation.step = Step::Comment;
        return ask_again(conversation, Vec::new(), around);
    }
    match text::clean(said, A_STORY, 5000) {
        Ok(content) => {
            let mut begun = Conversation::begun(around);
            begun.draft.content = Some(content);
            ask(begun, vec!["Đã ghi nội dung phản ánh.".to_owned()], around)
        }
        Err(_) => {
            let waits = around.person.asked.as_deref().map(speech::question_waits);
            Turn::said(conversation, vec![waits.unwrap_or_else(|| speech::GREETING.to_owned())])
        }
    }
}

/// The number of a choice, if the text is one.
fn chosen(choices: &[Choice], said: &str) -> Option<Option<Choice>> {
    let number = command::digit(said)?;
    Some(number.checked_sub(1).and_then(|place| choices.get(place)).filter(|choice| choice.code != OTHER).cloned())
}

fn take_area(mut conversation: Conversation, said: &str, around: &Around<'_>) -> Turn {
    let draft = &mut conversation.draft;
    if let (false, Some(choice)) = (draft.choices.is_empty(), chosen(&draft.choices, said)) {
        return match choice {
            Some(area) => {
                draft.area = Some(area);
                ask(conversation, Vec::new(), around)
            }
            None => ask_again(conversation, vec![speech::NOT_IN_THE_LIST.to_owned()], around),
        };
    }
    let mut found = place::named(around.directory, around.day, said);
    if let [area] = found.as_slice() {
        let told = format!("Địa bàn: {}.", area.name);
        draft.area = Some(area.clone());
        return ask(conversation, vec![told], around);
    }
    if found.is_empty() {
        return ask_again(conversation, vec![speech::UNKNOWN_PLACE.to_owned()], around);
    }
    let is_cut = found.len() > place::MOST_CHOICES;
    found.truncate(place::MOST_CHOICES);
    draft.choices = found;
    let words = if is_cut {
        vec!["Có nhiều địa danh giống nhau; có thể nhắn đầy đủ hơn.".to_owned()]
    } else {
        Vec::new()
    };
    ask_again(conversation, words, around)
}

fn take_category(mut conversation: Conversation, said: &str, around: &Around<'_>) -> Turn {
    let draft = &mut conversation.draft;
    let offers_more = draft.choices.last().is_some_and(|last| last.code == OTHER);
    if let Some(choice) = chosen(&draft.choices, said) {
        return match choice {
            Some(category) => {
                draft.category = Some(category);
                ask(conversation, Vec::new(), around)
            }
            None if offers_more && command::digit(said) == Some(0) => {
                draft.choices = category::all(around.directory, around.day);
                ask_again(conversation, Vec::new(), around)
            }
            None => ask_again(conversation, vec![speech::NOT_IN_THE_LIST.to_owned()], around),
        };
    }
    let found = category::named(around.directory, around.day, said);
    match found.as_slice() {
        [category] => {
            draft.category = Some(category.clone());
            ask(conversation, Vec::new(), around)
        }
        [] => ask_again(conversation, vec![speech::NOT_IN_THE_LIST.to_owned()], around),
        _ => {
            draft.choices = found;
            ask_again(conversation, Vec::new(), around)
        }
    }
}

/// A place on the map.
pub(super) fn take_place(mut conversation: Conversation, point: (f64, f64), around: &Around<'_>) -> Turn {
    if conversation.step == Step::Comment {
        return ask_again(conversation, Vec::new(), around);
    }
    if !conversation.is_open() {
        conversation = Conversation::begun(around);
    }
    let near = match Location::new(point.0, point.1) {
        Ok(_) => place::around(around.directory, around.day, point),
        Err(_) => Vec::new(),
    };
    if near.is_empty() && !place::is_inside(around.directory, around.day, point) {
        return ask_again(conversation, vec![speech::PLACE_OUTSIDE.to_owned()], around);
    }
    let draft = &mut conversation.draft;
    draft.point = Some(point);
    // Whoever has named the commune already only points at the place in it.
    if draft.area.is_some() {
        return ask_again(conversation, vec![speech::PLACE_TAKEN.to_owned()], around);
    }
    let words = if near.is_empty() { vec![speech::PLACE_TAKEN.to_owned()] } else { Vec::new() };
    draft.choices = near;
    conversation.step = Step::Place;
    ask_again(conversation, words, around)
}

/// Photos.
pub(super) fn take_photos(mut conversation: Conversation, urls: &[String], words: Option<&str>, around: &Around<'_>) -> Turn {
    if conversation.step == Step::Comment {
        return ask_again(conversation, Vec::new(), around);
    }
    if !conversation.is_open() {
        conversation = Conversation::begun(around);
    }
    if conversation.draft.content.is_none() {
        conversation.draft.content = words.and_then(|words| text::clean(words, 10, 5000).ok());
    }
    let room = around.most_photos.saturating_sub(conversation.draft.photos.len());
    if room == 0 {
        return ask_again(conversation, vec![format!("Một phản ánh có tối đa {} ảnh.", around.most_photos)], around);
    }
    let wanted = urls.iter().take(room).cloned().collect();
    Turn::done(conversation, Effect::TakePhotos(wanted))
}

/// What came of photos.
pub(super) fn photos_taken(
    mut conversation: Conversation,
    ids: Vec<String>,
    problem: Option<String>,
    around: &Around<'_>,
) -> Turn {
    let mut replies = Vec::new();
    conversation.draft.photos.extend(ids);
    if !conversation.draft.photos.is_empty() {
        replies.push(speech::photo_taken(conversation.draft.photos.len()));
    }
    replies.extend(problem);
    // Choices of the present question stay good; the words of a photo may have answered it.
    if conversation.step == Step::Content && conversation.draft.content.is_some() {
        return ask(conversation, replies, around);
    }
    ask_again(conversation, replies, around)
}

/// What is wrong with a draft is told and asked for again.
pub(super) fn not_filed(mut conversation: Conversation, problems: Vec<(String, String)>, around: &Around<'_>) -> Turn {
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
    ask(conversation, vec![format!("Chưa gửi được: {}", told.join(" "))], around)
}
