//! Big data sets: as many petitions over as many years as wanted, made and not lived, in the state that the services would leave.
//!
//! `pakn generate` comes in through [`generate`]. What happens to each petition is drawn from its number ([`course`]), so that the
//! same order gives the same tables everywhere; the decisions are those of the services ([`life`]), made on a desk without a
//! database; whole tables are written at once (`sample_data::store`). Rule: only an empty database is filled.

pub mod context;
pub mod course;
pub mod life;
mod produce;

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError, Vault};
use crate::figures::store::changes;
use crate::kernel::field_problem::FieldRule;
use crate::petitions::store as petitions;
use crate::sample_data::store;
use chrono::{Months, NaiveDate};
use context::GenerateContext;
use produce::{Batch, Producer};
use std::sync::Arc;

/// How many petitions are made before they are written.
const BATCH: usize = 5000;

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GenerateOptions {
    /// How many petitions.
    pub petitions: u64,
    /// Over how many years.
    pub years: u32,
    /// The last day; nothing happens after it.
    pub until: NaiveDate,
}

impl GenerateOptions {
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
pub async fn generate(app: &App, order: GenerateOptions, mut tell: impl FnMut(u64)) -> Result<(), ServiceError> {
    let count = app.db.read(petitions::list::count).await?;
    if count > 0 {
        return Err(ServiceError::invalid("petitions", FieldRule::NotAllowed));
    }
    let office = GenerateContext::open(app, order).await?;
    let taken = app.db.write(store::drop_constraints).await?;
    let mut producer = Producer::new(Arc::new(office), app.now());
    let mut next = make(producer, app.db.vault()).await?;
    loop {
        let (batch, rest) = next;
        producer = rest;
        let (is_last, done, batch) = (batch.is_last, batch.done, Arc::new(batch));
        let write = app.db.write(move |connection: &mut DbConnection| -> Result<(), StorageError> {
            store::write(connection, &batch.sheets)?;
            for change in &batch.ahead {
                changes::append(connection, change)?;
            }
            batch.folded.as_ref().map_or(Ok(()), |folded| folded.insert(connection))
        });
        if is_last {
            write.await?;
            tell(done);
            break;
        }
        // The next petitions are made while these are written.
        let (written, made) = tokio::join!(write, make(producer, app.db.vault()));
        written?;
        next = made?;
        tell(done);
    }
    Ok(app.db.write(move |connection| store::restore_constraints(connection, &taken)).await?)
}

async fn make(mut producer: Producer, vault: &Vault) -> Result<(Batch, Producer), ServiceError> {
    let vault = vault.clone();
    let made = tokio::task::spawn_blocking(move || vault.enter(|| producer.batch(BATCH)).map(|batch| (batch, producer))).await;
    made.map_err(|_| ServiceError::Internal("the making of petitions broke off"))?
}
