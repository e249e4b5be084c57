//! Two listeners: the service for everybody, and metrics, health and, where the settings say so, the routes of administrators.
//!
//! In comes the opened application, out go the real addresses and a handle that stops both; called by `ops::cli::serve` and by the
//! tests, which therefore meet the same server. Rule: a stopping server takes no new connection and finishes what it has begun.

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

/// Blocking work goes to the threads of the main runtime, none of it to those of a web worker; the library wants one at least.
const BLOCKING_THREADS: usize = 1;
/// How long a client may take to send the headers of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// What addresses of administrators begin with.
const ADMINISTRATION: &str = "/api/v1/admin/";

/// A running server.
pub struct RunningServer {
    /// Where the service listens.
    pub address: SocketAddr,
    /// Where metrics and health are.
    pub admin_address: SocketAddr,
    handles: [ServerHandle; 2],
    joins: [JoinHandle<io::Result<()>>; 2],
}

impl RunningServer {
    /// Finishes the requests that have begun, at most for as long as the settings say, and stops both listeners; the one for
    /// operators comes last, so that it can be seen how the other one ends.
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

/// Starts both listeners; port 0 takes any free port.
///
/// # Errors
/// When an address cannot be listened on.
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
    // Whoever closes a connection does not wait for an answer any more: its question must not go on being worked on.
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

/// Answers what no route took.
async fn no_route(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(unrouted(&request))
}
