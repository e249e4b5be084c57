//! `pakn serve`: opens everything, starts it, waits for a signal and stops it in order.

use crate::cli::demo;
use crate::config::Config;
use crate::http::server;
use crate::jobs::{Courier, Worker};
use crate::services::directory::calendar::years::warn_if_overdue;
use tokio::signal::unix::{SignalKind, signal};

/// Starts the server and the worker.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Address of the service [default: 127.0.0.1:8080].
    #[arg(long)]
    pub listen: Option<String>,
    /// Address of the metrics and the health checks [default: 127.0.0.1:9090].
    #[arg(long)]
    pub admin_listen: Option<String>,
    /// Builds the demo year first, once, and prints accounts to sign in with.
    #[arg(long)]
    pub demo: bool,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        // Listened for from the beginning: a signal during the start must not kill the process in the middle of a write.
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let (listen, admin_listen) = (config.listen.clone(), config.admin_listen.clone());
        let config = if self.demo { for_demo(config) } else { config };
        if self.demo {
            tokio::select! {
                prepared = demo::prepare(&config) => prepared?,
                _ = terminate.recv() => anyhow::bail!("stopped while the demo year was built"),
                _ = interrupt.recv() => anyhow::bail!("stopped while the demo year was built"),
            }
        }
        let app = super::open(config).await?;
        warn_if_overdue(&app).await?;
        let running = server::start(app.clone(), &listen, &admin_listen)?;
        let worker = app.config.worker.then(|| Worker::start(app.clone()));
        let courier = Courier::start(&app);
        say!("pakn listens on http://{} (API /api/v1, page /docs)", running.address);
        say!("metrics and health on http://{}", running.admin_address);
        tracing::info!(address = %running.address, admin_address = %running.admin_address, "serving");

        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing what has begun");
        if let Some(worker) = worker {
            worker.stop().await;
        }
        courier.stop().await;
        let stopped = running.stop().await;
        app.close().await;
        tracing::info!("stopped");
        Ok(stopped?)
    }
}

/// A demo is for trying: its accounts have printed passwords, no telephones, and lie idle for years; nobody reads its letters.
fn for_demo(config: Config) -> Config {
    let security_contact = config.security_contact.clone().or_else(|| Some("mailto:an-ninh@demo.example".to_owned()));
    Config { second_factor_roles: Vec::new(), idle_days: 0, security_contact, ..config }
}
