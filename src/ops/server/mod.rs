//! Two listeners: the public service, and an admin listener with metrics, health and, if configured, the admin
//! routes.
//!
//! Takes the opened application and returns the bound addresses and a handle that stops both. Called by
//! `ops::cli::serve` and by the tests, which therefore use the same server. Rule: a stopping server accepts no
//! new connection and finishes the requests in progress.

pub mod known_routes;

use crate::app::App;
use crate::figures::http::answer_cache::AnswerCache;
use crate::ops::http::{health, routes};
use crate::ops::metrics::{self, Metrics};
use crate::ops::server::known_routes::{KnownRoutes, unrouted};
use crate::web::middleware::{self, RateLimits};
use crate::web::problem::Problem;
use crate::web::{cors, tls};
use actix_web::dev::ServerHandle;
use actix_web::middleware::{Condition, from_fn};
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, HttpServer};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Blocking work uses the threads of the main runtime, none of those of a web worker; actix requires at least
/// one.
const BLOCKING_THREADS: usize = 1;
/// How long a client may take to send the request headers.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept open.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Path prefix of the admin routes.
const ADMINISTRATION: &str = "/api/v1/admin/";

/// A running server.
pub struct RunningServer {
    /// Bound address of the service.
    pub address: SocketAddr,
    /// Bound address of the admin listener.
    pub admin_address: SocketAddr,
    handles: [ServerHandle; 2],
    joins: [JoinHandle<io::Result<()>>; 2],
}

impl RunningServer {
    /// Stops both listeners after finishing requests in progress, within the configured time. The admin
    /// listener stops last, so that operators can watch the other one shut down.
    ///
    /// # Errors
    /// When a listener ended with an error.
    pub async fn stop(self) -> io::Result<()> {
        for (handle, join) in self.handles.into_iter().zip(self.joins) {
            handle.stop(true).await;
            join.await.map_err(io::Error::other)??;
        }
        Ok(())
    }
}

/// Starts both listeners; port 0 picks any free port.
///
/// # Errors
/// When an address cannot be bound.
#[expect(clippy::too_many_lines, reason = "two listeners, put together from top to bottom")]
pub fn start(app: App, listen: &str, admin_listen: &str) -> io::Result<RunningServer> {
    let metrics = Data::new(Metrics::new(&app).map_err(io::Error::other)?);
    let hidden = app.config.admin_routes_apart.then_some(ADMINISTRATION);
    let addresses = Data::new(KnownRoutes::described(hidden).map_err(io::Error::other)?);
    let config = app.config.clone();
    let limits = Data::new(RateLimits::new(&app));
    let cache = Data::new(AnswerCache::default());
    let tls = tls::server_config(&config)?;
    let app = Data::new(app);

    let (admin_app, admin_metrics, admin_limits, is_apart) =
        (app.clone(), metrics.clone(), limits.clone(), config.admin_routes_apart);
    let origins = config.cors_origins.clone();
    let service = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(app.clone())
            .app_data(metrics.clone())
            .app_data(addresses.clone())
            .app_data(limits.clone())
            .app_data(cache.clone())
            .configure(|routes| routes::service(routes, is_apart))
            .default_service(web::to(no_route))
            .wrap(from_fn(middleware::outermost))
            .wrap(Condition::new(!origins.is_empty(), cors::cors(&origins)))
    })
    .workers(config.http_workers)
    .max_connections(config.http_connections)
    .worker_max_blocking_threads(BLOCKING_THREADS)
    .client_request_timeout(REQUEST_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    // A client that closes the connection no longer waits for the response: its query must be cancelled.
    .h1_allow_half_closed(false)
    .shutdown_timeout(config.stop_seconds)
    .disable_signals();
    let service = match tls {
        Some(tls) => service.bind_rustls_0_23(listen, tls),
        None => service.bind(listen),
    };
    let service = service.map_err(|error| named(listen, &error))?;

    let admin = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(admin_app.clone())
            .app_data(admin_metrics.clone())
            .app_data(admin_limits.clone())
            .configure(|routes| {
                if is_apart {
                    routes::administration(routes);
                }
            })
            .service(health::live)
            .service(health::ready)
            .service(metrics::read_metrics)
            .default_service(web::to(no_route))
            .wrap(from_fn(middleware::outermost))
    })
    .workers(1)
    .worker_max_blocking_threads(BLOCKING_THREADS)
    .shutdown_timeout(config.stop_seconds)
    .disable_signals()
    .bind(admin_listen)
    .map_err(|error| named(admin_listen, &error))?;

    let first = |addresses: Vec<SocketAddr>| addresses.first().copied().ok_or_else(|| io::Error::other("no address"));
    let (address, admin_address) = (first(service.addrs())?, first(admin.addrs())?);
    let (service, admin) = (service.run(), admin.run());
    let handles = [service.handle(), admin.handle()];
    Ok(RunningServer { address, admin_address, handles, joins: [tokio::spawn(service), tokio::spawn(admin)] })
}

fn named(address: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
}

/// Answers requests that matched no route.
async fn no_route(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(unrouted(&request))
}
