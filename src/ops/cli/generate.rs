//! `pakn generate`: fills a database with generated petitions, for load tests and training.

use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::config::Config;
use crate::db::service_error::ServiceError;
use crate::db::{Db, DbSettings, Durability};
use crate::directory::load_reference::ensure_loaded;
use crate::kernel::clock::SystemClock;
use crate::ops::cli::progress::Progress;
use crate::ops::cli::{account, migrate};
use crate::ops::installation::{self, KeyCheckScope};
use crate::sample_data::generate::{GenerateOptions, generate};
use anyhow::{Context, ensure};
use chrono::{Datelike, NaiveDate};
use std::sync::Arc;
use std::time::Duration;

/// Fills an empty database with made-up petitions.
#[derive(Debug, clap::Args)]
pub(super) struct Generate {
    /// How many petitions.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    petitions: u64,
    /// Over how many years.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=50))]
    years: u32,
    /// The last day; the end of last year when it is left out.
    #[arg(long)]
    until: Option<NaiveDate>,
}

impl Generate {
    /// Fills the database. If interrupted, the database has to be discarded.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        migrate::up_to_date(&config).await?;
        // No other process uses this database, and it can be generated again.
        let settings = DbSettings {
            durability: Durability::Relaxed,
            statement_limit: Duration::ZERO,
            wait: Duration::from_secs(60),
            ..config.database()?
        };
        let mut app = App::open(config, Arc::new(SystemClock))?;
        app.db.close().await;
        app.db = Db::open(&settings)?;
        installation::remember(&app, KeyCheckScope::Everything).await?;
        ensure_loaded(&app).await?;
        let today = app.now().local_date();
        let last_year = NaiveDate::from_ymd_opt(today.year() - 1, 12, 31).context("there was no last year")?;
        let order = GenerateOptions { petitions: self.petitions, years: self.years, until: self.until.unwrap_or(last_year) };
        ensure!(order.until < today, "--until has to lie in the past");
        let progress = Progress::start("making petitions");
        let made = generate(&app, order, |done| progress.update(done, order.petitions)).await;
        progress.end();
        let made = match made {
            Ok(()) => written_down(&app, order).await,
            refused => refused,
        };
        app.close().await;
        made.map_err(account::refused)?;
        outln!("{} petitions from {} to {}", order.petitions, order.from(), order.until);
        Ok(())
    }
}

/// Writes a single audit entry for the whole data set, because no officer took any of the generated steps.
async fn written_down(app: &App, order: GenerateOptions) -> Result<(), ServiceError> {
    let event = AuditEvent::new("generate_petitions", "database", "petitions").with("petitions", order.petitions);
    audit::transaction(app, &AuditActor::operator(), move |_| Ok::<_, ServiceError>(((), event.clone()))).await
}
