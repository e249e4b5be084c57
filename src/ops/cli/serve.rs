//! `pakn serve`: starts the server and the worker, waits for a signal and shuts down gracefully.

use crate::app::App;
use crate::config::Config;
use crate::delivery::audit_anchors;
use crate::directory::calendar::years::warn_if_overdue;
use crate::ops::cli::demo;
use crate::ops::jobs::{OutboxDispatcher, Worker};
use crate::ops::server;
use crate::sample_data::demo::is_in;
use anyhow::Context;
use std::net::ToSocketAddrs;
use std::time::Duration;
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
    /// Lets the demo be reached from other machines, although everybody knows its passwords; also `PAKN_DEMO_PUBLIC=true`.
    #[arg(long, requires = "demo")]
    pub demo_public: bool,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT; a second signal skips the shutdown delay.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        // Install the handlers first: a signal during startup must not kill the process in the middle of a
        // write.
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let (listen, admin_listen) = (config.listen.clone(), config.admin_listen.clone());
        if self.demo && !self.demo_public && !config.demo_public {
            stay_here(&listen, &admin_listen)?;
        }
        let config = if self.demo { for_demo(config) } else { config };
        if self.demo {
            tokio::select! {
                prepared = demo::prepare(&config) => prepared?,
                _ = terminate.recv() => anyhow::bail!("stopped while the demo year was built"),
                _ = interrupt.recv() => anyhow::bail!("stopped while the demo year was built"),
            }
        }
        let app = super::open(config).await?;
        if !self.demo_public
            && let Err(refusal) = keeps_demo_here(&app, &listen, &admin_listen).await
        {
            app.close().await;
            return Err(refusal);
        }
        warn_if_overdue(&app).await?;
        audit_anchors::check_at_start(&app).await?;
        let running = server::start(app.clone(), &listen, &admin_listen)?;
        let worker = app.config.worker.then(|| Worker::start(app.in_background()));
        let dispatcher = OutboxDispatcher::start(&app);
        let scheme = if app.config.tls_certificate_file.is_some() { "https" } else { "http" };
        outln!("pakn listens on {scheme}://{} (API /api/v1, page /docs)", running.address);
        outln!("metrics and health on http://{}", running.admin_address);
        tracing::info!(address = %running.address, admin_address = %running.admin_address, "serving");

        let mut told = async || {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        told().await;
        let delay = Duration::from_secs(app.config.shutdown_delay);
        tracing::info!(?delay, "shutting down: not ready, draining before stop");
        app.worker_status.begin_shutdown();
        // A second signal ends the delay.
        let _ = tokio::time::timeout(delay, told()).await;
        tracing::info!("shutting down: waiting for requests in flight");
        let finish = async {
            if let Some(worker) = worker {
                worker.stop().await;
            }
            dispatcher.stop().await;
            running.stop().await
        };
        let stopped = tokio::select! {
            stopped = finish => stopped,
            () = told() => {
                tracing::info!("shutting down: second signal, not waiting for requests");
                Ok(())
            }
        };
        app.close().await;
        tracing::info!("stopped");
        Ok(stopped?)
    }
}

/// A data folder that `--demo` has filled is no safer when served without the flag.
async fn keeps_demo_here(app: &App, listen: &str, admin_listen: &str) -> anyhow::Result<()> {
    if app.config.demo_public || !is_in(app).await? {
        return Ok(());
    }
    stay_here(listen, admin_listen).context("this database holds the demo (--demo)")
}

/// Refuses addresses at which other machines can reach a demo.
fn stay_here(listen: &str, admin_listen: &str) -> anyhow::Result<()> {
    stays_here("--listen", listen)?;
    stays_here("--admin-listen", admin_listen)
}

/// Refuses an address at which other machines can reach a demo, because its passwords are public.
fn stays_here(flag: &str, address: &str) -> anyhow::Result<()> {
    let found = address.to_socket_addrs().with_context(|| format!("{flag} {address}"))?;
    let outside: Vec<String> =
        found.map(|one| one.ip()).filter(|ip| !ip.to_canonical().is_loopback()).map(|ip| ip.to_string()).collect();
    if !outside.is_empty() {
        anyhow::bail!(
            "--demo has passwords that everybody knows and listens on this machine only, not on {} ({flag}); to let others reach it, give \
             --demo and --demo-public, or set PAKN_DEMO_PUBLIC=true",
            outside.join(", ")
        );
    }
    Ok(())
}

/// Adjusts settings for a demo: its accounts have public passwords, no phones and long idle times, and nobody
/// reads its e-mail.
fn for_demo(config: Config) -> Config {
    let security_contact = config.security_contact.clone().or_else(|| Some("mailto:an-ninh@demo.example".to_owned()));
    Config { second_factor_roles: Vec::new(), idle_days: 0, security_contact, ..config }
}
