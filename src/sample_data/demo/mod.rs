//! The demo year: 2023 in Bắc Ninh as it was published, played through the product's own services.
//!
//! `serve --demo` comes in through [`status`] and [`build`]. The plan ([`plan`]) is drawn from a fixed seed before anything
//! is stored; the play (`play`) then moves a clock of its own from petition to petition. So the year is the same on every
//! machine and both databases, and whatever the figures of the demo say, the product has counted itself.

pub mod actions;
pub mod cases;
pub mod cast;
pub mod course;
pub mod hours;
pub mod people;
pub mod plan;
pub mod samples;
pub mod seeded_random;
pub mod spans;
pub mod targets;
pub mod words;

mod play;
mod uncounted;

pub use cast::{ACCOUNTS, DemoAccount};
pub use plan::DemoPlan;

use crate::app::App;
use crate::config::Config;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory::store::{directory_digests, state};
use crate::directory::{self, DirectoryCache};
use crate::kernel::clock::FixedClock;
use crate::kernel::entropy::SeededEntropy;
use crate::petitions::store as petitions;
use std::sync::Arc;

/// The code of the province; as a district it stands for the provincial bodies.
pub(crate) const PROVINCE: &str = "27";

/// Every petition of the year: the published 3,434 and the 100 beside them.
pub const PETITIONS: i64 = 3434 + 100;

/// The codes of the petitions follow from it.
const SEED: u64 = 3434;

/// What a database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoStatus {
    /// No petition: the demo can be built.
    Empty,
    /// The whole demo year.
    Complete,
    /// A part of the demo year: its building was interrupted.
    Interrupted,
    /// Petitions that are nobody's demo.
    RealPetitions,
}

/// Whether the database holds the demo, or a part of it, with the accounts whose passwords everybody knows.
pub async fn is_in(app: &App) -> Result<bool, ServiceError> {
    let question = |connection: &mut DbConnection| -> Result<_, StorageError> { Ok(state::read(connection)?.is_demo) };
    Ok(app.db.read(question).await?)
}

/// Looks at what the database holds.
pub async fn status(app: &App) -> Result<DemoStatus, ServiceError> {
    let question = |connection: &mut DbConnection| -> Result<_, StorageError> {
        Ok((state::read(connection)?.is_demo, petitions::list::count(connection)?))
    };
    // The last step that the figures know comes before the last petition is filed.
    Ok(match app.db.read(question).await? {
        (true, count) if count >= PETITIONS => DemoStatus::Complete,
        (true, _) => DemoStatus::Interrupted,
        (false, 0) => DemoStatus::Empty,
        (false, _) => DemoStatus::RealPetitions,
    })
}

/// Builds the year on a database without petitions, telling after each step how many are done, and how many there are.
///
/// # Errors
/// When the directory is not the one of 2023 or names of the demo's accounts are taken; those of the database.
pub async fn build(app: &App, tell: impl FnMut(usize, usize)) -> Result<(), ServiceError> {
    build_part(app, |_| true, tell).await
}

/// Builds only some petitions of the year; whole districts, as a petition may repeat another one of its district.
///
/// # Errors
/// Those of [`build`].
pub async fn build_part(
    app: &App,
    keep: impl Fn(&actions::PlannedPetition) -> bool,
    tell: impl FnMut(usize, usize),
) -> Result<(), ServiceError> {
    let clock = Arc::new(FixedClock::new(hours::at(hours::day(2023, 1, 2), 0, 5)));
    let app = on_stage(app, Arc::clone(&clock));
    let owned = app.clone();
    let directory = app.db.read(move |connection| directory::current(&owned, connection)).await?;
    let mut plan = DemoPlan::draw(&directory)?;
    plan.petitions.iter_mut().filter(|planned| !keep(planned)).for_each(|planned| planned.steps.clear());
    let now = app.now();
    let mark = move |connection: &mut DbConnection| -> Result<(), StorageError> {
        state::mark_as_demo(connection)?;
        directory_digests::append(connection, now).map(drop)
    };
    app.db.write(mark).await?;
    let cast = cast::Cast::assemble(&app, &directory).await?;
    play::DemoPlayer::new(&app, &clock, directory, cast, &plan).play(tell).await
}

/// The product as it is while the year is played: its clock, its chance, and the usual settings whatever the operator's.
fn on_stage(app: &App, clock: Arc<FixedClock>) -> App {
    let usual = Config::default();
    let config = Config {
        kinds_requiring_photo: Vec::new(),
        no_reply_days: usual.no_reply_days,
        close_after_days: usual.close_after_days,
        ..Config::clone(&app.config)
    };
    App {
        clock,
        entropy: Arc::new(SeededEntropy::new(SEED)),
        directory: DirectoryCache::default(),
        config: Arc::new(config),
        ..app.clone()
    }
}
