//! The demo year: 2023 in Bắc Ninh according to the published figures, replayed through the application's own
//! services.
//!
//! `serve --demo` calls [`status`] and [`build`]. The plan ([`plan`]) is drawn from a fixed seed before
//! anything is stored; the player (`play`) then executes it with a clock of its own. The year is therefore
//! identical on every machine and on both databases, and all statistics of the demo are counted by the
//! application itself.

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

/// Code of the province; used as a district, it stands for the provincial bodies.
pub(crate) const PROVINCE: &str = "27";

/// Number of petitions of the year: the published 3,434 and 100 uncounted ones.
pub const PETITIONS: i64 = 3434 + 100;

/// Seed of the petition codes.
const SEED: u64 = 3434;

/// State of the demo data in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoStatus {
    /// No petitions: the demo can be built.
    Empty,
    /// The complete demo year.
    Complete,
    /// A part of the demo year: the build was interrupted.
    Interrupted,
    /// Petitions that do not belong to the demo.
    RealPetitions,
}

/// Returns whether the database holds the demo or a part of it, and with it the accounts with public passwords.
pub async fn is_in(app: &App) -> Result<bool, ServiceError> {
    let question = |connection: &mut DbConnection| -> Result<_, StorageError> { Ok(state::read(connection)?.is_demo) };
    Ok(app.db.read(question).await?)
}

/// Returns the state of the demo data in the database.
pub async fn status(app: &App) -> Result<DemoStatus, ServiceError> {
    let question = |connection: &mut DbConnection| -> Result<_, StorageError> {
        Ok((state::read(connection)?.is_demo, petitions::list::count(connection)?))
    };
    // The last step in the statistics comes before the last petition is filed.
    Ok(match app.db.read(question).await? {
        (true, count) if count >= PETITIONS => DemoStatus::Complete,
        (true, _) => DemoStatus::Interrupted,
        (false, 0) => DemoStatus::Empty,
        (false, _) => DemoStatus::RealPetitions,
    })
}

/// Builds the year in a database without petitions. Reports after each step the number of completed and of all
/// steps.
///
/// # Errors
/// When the directory is not that of 2023 or the names of demo accounts are taken.
pub async fn build(app: &App, tell: impl FnMut(usize, usize)) -> Result<(), ServiceError> {
    build_part(app, |_| true, tell).await
}

/// Builds only some petitions of the year. Select whole districts, because a petition may be a duplicate of
/// another one in its district.
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

/// Returns the application for the replay: with its own clock, a seeded random source, and default settings
/// instead of the operator's.
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
