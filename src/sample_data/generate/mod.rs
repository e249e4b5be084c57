//! Large generated data sets: any number of petitions over any number of years, in the state that the services
//! would leave.
//!
//! `pakn generate` calls [`generate`]. The course of each petition is derived from its number ([`course`]), so
//! that the same options give the same tables everywhere; the rules are those of the services ([`life`]),
//! applied in memory; whole tables are written at once (`sample_data::store`). Rule: only an empty database is
//! filled.

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

/// Petitions generated before they are written.
const BATCH: usize = 5000;

/// Size and period of the data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GenerateOptions {
    pub petitions: u64,
    /// Length of the period, in years.
    pub years: u32,
    /// The last day; nothing happens after it.
    pub until: NaiveDate,
}

impl GenerateOptions {
    /// Returns the first day.
    #[must_use]
    pub fn from(&self) -> NaiveDate {
        let begin = self.until.checked_sub_months(Months::new(12 * self.years)).and_then(|day| day.succ_opt());
        begin.unwrap_or(self.until)
    }
}

/// Fills an empty database; reports after each batch the number of petitions written.
///
/// # Errors
/// `Invalid` on `petitions` when the database has any, on `years` when the directory does not go back that far.
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
        // Generate the next petitions while these are written.
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
