//! Big data sets: as many petitions over as many years as wanted, made and not lived, in the state that the services would leave.
//!
//! `pakn generate` comes in through [`generate`]. What happens to each petition is drawn from its number ([`course`]), so that the
//! same order gives the same tables everywhere; the decisions are those of the services ([`life`]), made on a desk without a
//! database; whole tables are written at once (`storage::bulk`). Rule: only an empty database is filled.

pub mod course;
pub mod life;
pub mod office;
mod produce;

use crate::app::App;
use crate::domain::field_problem::FieldRule;
use crate::domain::statistics::Grain;
use crate::services::error::ServiceError;
use crate::services::statistics::fold::{Folding, days_kept_since, last_day};
use crate::storage::statistics::changes;
use crate::storage::{DbConnection, StorageError, bulk, petitions};
use chrono::{Months, NaiveDate};
use office::Office;
use produce::{Batch, Producer};
use std::sync::Arc;

/// How many petitions are made before they are written.
const BATCH: usize = 5000;
/// With more sums than this in memory, those there are get written.
const MOST_SUMS: usize = 400_000;

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// How many petitions.
    pub petitions: u64,
    /// Over how many years.
    pub years: u32,
    /// The last day; nothing happens after it.
    pub until: NaiveDate,
}

impl Order {
    /// The first day.
    #[must_use]
    pub fn from(&self) -> NaiveDate {
        let begin = self.until.checked_sub_months(Months::new(12 * self.years)).and_then(|day| day.succ_opt());
        begin.unwrap_or(self.until)
    }
}

/// Fills an empty database, telling after each batch how many petitions are written.
///
/// # Errors
/// `Invalid` on `petitions` when there are any, on `years` when the directory does not go back so far; those of the database.
pub async fn generate(app: &App, order: Order, mut tell: impl FnMut(u64)) -> Result<(), ServiceError> {
    let count = app.db.read(|connection| Ok::<_, StorageError>(petitions::list::count(connection)?)).await?;
    if count > 0 {
        return Err(ServiceError::invalid("petitions", FieldRule::NotAllowed));
    }
    let office = Office::open(app, order).await?;
    let taken = app.db.write(bulk::take_away).await?;
    let (until, since) = (last_day(app.now()), days_kept_since(app.now().local_date()));
    let mut folding = Folding::new(Grain::ALL, since);
    let mut producer = Producer::new(Arc::new(office));
    let mut next = make(producer).await?;
    loop {
        let (batch, rest) = next;
        producer = rest;
        let is_last = batch.is_last;
        let mut ahead = Vec::new();
        for change in &batch.changes {
            if change.event_on > until { ahead.push(change.clone()) } else { folding.add(change) }
        }
        let folded = (is_last || folding.len() > MOST_SUMS).then(|| folding.take());
        let (done, stored) = (batch.done, Arc::new((batch, ahead, folded)));
        let write = app.db.write(move |connection: &mut DbConnection| -> Result<(), StorageError> {
            let (batch, ahead, folded) = stored.as_ref();
            bulk::write(connection, &batch.sheets)?;
            for change in ahead {
                changes::append(connection, change)?;
            }
            folded.as_ref().map_or(Ok(()), |folded| folded.store(connection))
        });
        if is_last {
            write.await?;
            tell(done);
            break;
        }
        // The next petitions are made while these are written.
        let (written, made) = tokio::join!(write, make(producer));
        written?;
        next = made?;
        tell(done);
    }
    Ok(app.db.write(move |connection| bulk::give_back(connection, &taken)).await?)
}

async fn make(mut producer: Producer) -> Result<(Batch, Producer), ServiceError> {
    let made = tokio::task::spawn_blocking(move || producer.batch(BATCH).map(|batch| (batch, producer))).await;
    made.map_err(|_| ServiceError::Internal("the making of petitions broke off"))?
}
