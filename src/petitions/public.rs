//! The public view: published petitions with their answers, without person or exact place.

use crate::app::App;
use crate::attachments::view::{AttachmentView, AttachmentViewer, as_delivered, of_petition};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::{AreaId, CategoryId, PetitionId};
use crate::kernel::{Instant, Lang, search_text};
use crate::petitions::file::CodeName;
use crate::petitions::read::{Place, name_of_category};
use crate::petitions::rules::PublicStatus;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::store::publications::{self, PublicFilter, PublicLine};
use serde::Serialize;
use utoipa::ToSchema;

/// A published petition.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicPetition {
    /// The code.
    pub code: String,
    /// The title, personal data masked.
    pub title: String,
    /// The content, personal data masked.
    pub content: String,
    /// Its category.
    pub category: CodeName,
    /// Its commune.
    pub commune: CodeName,
    /// Where it is, rounded to about 100 m.
    pub location: Option<Place>,
    /// Where it stands.
    pub public_status: PublicStatus,
    /// When it was received.
    pub received_at: Instant,
    /// The answer, personal data masked.
    pub answer: String,
    /// What the answer says in one word.
    pub outcome: String,
    /// When it was answered.
    pub answered_at: Instant,
    /// The petitioner's rating.
    pub rating: Option<i32>,
    /// Images that it was filed with, made anew; only where one petition is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<AttachmentView>>,
}

/// Query of the public list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PublicQuery {
    pub category: Option<String>,
    /// Matches the area and all areas below it.
    pub area: Option<String>,
    /// Search words, with or without accents.
    pub q: Option<String>,
}

impl PublicQuery {
    /// Returns whether the query has a filter and so may have to scan all publications.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        *self != Self::default()
    }
}

/// Limit of search words, because each one is searched in every publication.
const MOST_WORDS: usize = 10;

/// The cursor of the public list.
pub type PublicCursor = (Instant, PetitionId);

/// Returns a page of the published petitions, newest answer first.
///
/// # Errors
/// `UnknownCode` on `category` or `area`.
pub async fn page(
    app: &App,
    question: PublicQuery,
    before: Option<PublicCursor>,
    limit: i64,
    lang: Lang,
) -> Result<(Vec<PublicPetition>, Option<PublicCursor>), ServiceError> {
    let (app_, is_narrowed) = (app.clone(), question.is_narrowed());
    let look = move |connection: &mut DbConnection| {
        let directory = directory::current(&app_, connection)?;
        let filter = filter(&directory, &question)?;
        let mut lines = publications::page(connection, &filter, before, limit + 1)?;
        let limit = usize::try_from(limit).unwrap_or(0);
        let is_more = lines.len() > limit;
        lines.truncate(limit);
        let next = lines.last().filter(|_| is_more).map(|(row, ..)| (row.published_at, row.petition_id));
        Ok::<_, ServiceError>((lines.into_iter().map(|line| view(&directory, line, lang)).collect(), next))
    };
    // An unfiltered page is cheap; a filtered one may scan everything and uses the bounded connections and time limit.
    if is_narrowed { app.db.read_bounded(look).await } else { app.db.read(look).await }
}

/// Returns one published petition.
///
/// # Errors
/// [`ErrorCode::PetitionNotFound`] when it is not published.
pub async fn petition(app: &App, code: &PetitionCode, lang: Lang) -> Result<PublicPetition, ServiceError> {
    let (app_, code) = (app.clone(), code.clone());
    let mut petition = app
        .db
        .read(move |connection| {
            let directory = directory::current(&app_, connection)?;
            let line = publications::find(connection, code.as_str())?.ok_or(ErrorCode::PetitionNotFound)?;
            let id = line.0.petition_id;
            let subject = (id, line.4);
            let shown = if app_.config.publish_images {
                of_petition(&app_, connection, subject, AttachmentViewer::Public)?
            } else {
                Vec::new()
            };
            Ok::<_, ServiceError>(PublicPetition { attachments: Some(shown), ..view(&directory, line, lang) })
        })
        .await?;
    for image in petition.attachments.iter_mut().flatten() {
        as_delivered(app, image).await;
    }
    Ok(petition)
}

fn filter(directory: &Directory, question: &PublicQuery) -> Result<PublicFilter, ServiceError> {
    let words = search_text::fold(question.q.as_deref().unwrap_or_default());
    let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    let mut problems = FieldProblems::default();
    if words.len() > MOST_WORDS {
        problems.add("q", FieldRule::TooMany(MOST_WORDS));
    }
    let mut filter = PublicFilter { words, ..PublicFilter::default() };
    if let Some(code) = &question.category {
        let ids: Vec<CategoryId> = directory.categories().iter().filter(|it| it.code == *code).map(|it| it.id).collect();
        if ids.is_empty() {
            problems.add("category", FieldRule::UnknownCode);
        }
        filter.categories = Some(ids);
    }
    if let Some(code) = &question.area {
        let outer: Vec<AreaId> = directory.areas().iter().filter(|it| it.code == *code).map(|it| it.id).collect();
        if outer.is_empty() {
            problems.add("area", FieldRule::UnknownCode);
        }
        let inside = |id: AreaId| outer.iter().any(|outer| directory.lies_in(id, *outer));
        filter.areas = Some(directory.areas().iter().map(|area| area.id).filter(|id| inside(*id)).collect());
    }
    problems.finish()?;
    Ok(filter)
}

fn view(directory: &Directory, line: PublicLine, lang: Lang) -> PublicPetition {
    let (row, code, category, area, status, received_at, rating) = line;
    let place = row.latitude.zip(row.longitude).map(|(latitude, longitude)| Place { latitude, longitude });
    PublicPetition {
        code,
        title: row.title,
        content: row.content,
        category: name_of_category(directory, category, lang),
        commune: directory
            .area(area)
            .map_or_else(CodeName::unknown, |it| CodeName { code: it.code.clone(), name: it.name.clone() }),
        location: place,
        public_status: status.public(),
        received_at,
        answer: row.answer,
        outcome: row.outcome,
        answered_at: row.answered_at,
        rating,
        attachments: None,
    }
}
