//! Checks the publications: only answered, valid petitions; texts as masking and moderation produce them; no
//! personal data; no exact location; and no petition missing that should be public.

use super::ReportSink;
use super::RunningCheck;
use super::evidence::{TextMismatch, settle};
use crate::db::Db;
use crate::db::service_error::ServiceError;
use crate::kernel::ids::PetitionId;
use crate::kernel::location::Location;
use crate::ops::store::verify::publications::{ModerationDecision, PublishedPetition, decisions, missing, page};
use crate::personal::redaction::CHOSEN_WORDS;
use crate::petitions::publication::{PublicationSource, hash_of, known_of_all, row};
use crate::petitions::rules::masking::{KnownPerson, VERSION, mask};
use crate::petitions::store::publications::PublicationRow;

/// Publications per page.
const SPAN: i64 = 500;

pub(super) async fn check(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("publications");
    let (mut after, mut count) = (PetitionId(0), 0);
    loop {
        let published = db.read(move |connection| Ok::<_, ServiceError>(page(connection, after, SPAN)?)).await?;
        let Some(last) = published.last() else { break };
        after = last.publication.petition_id;
        count += published.len();
        check.find_all(published.iter().flat_map(judge).collect(), sink);
    }
    let mut after = PetitionId(0);
    loop {
        let decided = db.read(move |connection| Ok::<_, ServiceError>(decisions(connection, after, SPAN)?)).await?;
        let Some((last, ..)) = decided.last() else { break };
        after = last.petition_id;
        let (findings, doubts): (Vec<_>, Vec<_>) = decided.iter().map(judge_decision).unzip();
        check.find_all(findings.into_iter().flatten().collect(), sink);
        check.find_all(settle(db, doubts.into_iter().flatten().collect()).await?.1, sink);
    }
    let unpublished = db.read(move |connection| Ok::<_, ServiceError>(missing(connection, SPAN)?)).await?;
    check.find_all(unpublished.iter().map(|code| format!("{code}: it is answered and not published")).collect(), sink);
    Ok(check.end(format!("{count} publications, without personal data"), sink))
}

fn judge(published: &PublishedPetition) -> Vec<String> {
    let (publication, code) = (&published.publication, &published.code);
    let mut findings = Vec::new();
    if published.first_answered_at.is_none() || !published.status.is_valid() {
        findings.push(format!("{code}: it is published and is {}, or was never answered", published.status));
    }
    if published.moderation.as_ref().is_some_and(|moderation| !moderation.is_published) {
        findings.push(format!("{code}: it was taken down and is published"));
    }
    let known = published.petitioner.as_ref().map(|person| known_of_all(person, &published.merged)).unwrap_or_default();
    let against_source = against_source(published, &known);
    // A text equal to the output of masking need not be masked again.
    if published.is_lacking || against_source.as_ref().is_none_or(|findings| !findings.is_empty()) {
        findings.extend(personal(publication, &known).into_iter().map(|field| {
            format!("{code}: its public {field} holds a name, or what looks like a phone number, an id or an e-mail")
        }));
    }
    findings.extend(against_source.unwrap_or_default());
    if let Some(moderated) = published.moderated.as_ref().filter(|it| it.text_hash != hash_of(&[Some(&it.content)])) {
        let answer = moderated.answer_id;
        findings.push(format!("{code}: the public words that were chosen for answer {answer} are not those of their hash"));
    }
    if !is_rounded(publication) {
        findings.push(format!("{code}: its public place is not rounded"));
    }
    findings
}

/// Returns the fields that contain something to be masked.
fn personal(publication: &PublicationRow, known: &KnownPerson) -> Vec<&'static str> {
    let texts = [("title", &publication.title), ("content", &publication.content), ("answer", &publication.answer)];
    texts.into_iter().filter(|(_, text)| mask(text, known) != **text).map(|(field, _)| field).collect()
}

/// Compares a publication with what masking and moderation of its source give today. `None` where this is
/// impossible: publications of earlier masking rules are masked again at the next start, and the source of an
/// anonymised petition has changed.
fn against_source(published: &PublishedPetition, known: &KnownPerson) -> Option<Vec<String>> {
    let (stored, code) = (&published.publication, &published.code);
    let (text, petitioner, answer) = (published.text.as_ref()?, published.petitioner.as_ref()?, published.answer.as_ref()?);
    if stored.masked_by != VERSION || published.is_anonymised {
        return None;
    }
    let (moderation, moderated) = (published.moderation.as_ref(), published.moderated.as_ref());
    let made = row(&PublicationSource { text, petitioner, answer, moderation, moderated }, known, stored.published_at);
    let fields = [
        ("title", published.is_lacking || made.title == stored.title),
        ("content", published.is_lacking || made.content == stored.content),
        ("answer", published.is_lacking || made.answer == stored.answer),
        ("outcome", made.outcome == stored.outcome),
        ("search text", published.is_lacking || made.search_text == stored.search_text),
        ("place", (made.latitude, made.longitude) == (stored.latitude, stored.longitude)),
        ("time of answer", made.answered_at == stored.answered_at),
    ];
    let wrong = fields.into_iter().filter(|(_, is_same)| !is_same);
    Some(wrong.map(|(field, _)| format!("{code}: its public {field} is not what masking gives of the source")).collect())
}

/// Checks a moderation decision against its own hash and against the timeline entry about it.
fn judge_decision((row, code, entry): &ModerationDecision) -> (Vec<String>, Option<TextMismatch>) {
    let mut findings = Vec::new();
    let hash = hash_of(&[row.title.as_deref(), row.content.as_deref()]);
    if hash != row.text_hash {
        findings.push(format!("{code}: the public words that were chosen are not those of their hash"));
    }
    let sentence = "what was decided about its publication is not what the timeline says";
    let Some((entry, detail)) = entry else { return (vec![format!("{code}: {sentence}")], None) };
    let detail: serde_json::Value = serde_json::from_str(detail).unwrap_or_default();
    let told = |name: &str| detail.get(name).cloned().unwrap_or_default();
    if told("published") != row.is_published {
        findings.push(format!("{code}: {sentence}"));
    }
    let doubt = TextMismatch {
        code: code.clone(),
        entry: *entry,
        name: CHOSEN_WORDS.to_owned(),
        was: told("text_hash").as_str().unwrap_or_default().to_owned(),
        now: Some(row.text_hash.clone()),
        is_of_chain: false,
        sentence: sentence.to_owned(),
    };
    let is_other = doubt.now.as_ref() != Some(&doubt.was);
    (findings, is_other.then_some(doubt))
}

fn is_rounded(publication: &PublicationRow) -> bool {
    match (publication.latitude, publication.longitude) {
        (None, None) => true,
        (Some(latitude), Some(longitude)) => {
            Location::new(latitude, longitude).is_ok_and(|place| place.rounded_for_public() == place)
        }
        _ => false,
    }
}
