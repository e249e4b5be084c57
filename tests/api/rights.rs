//! Rights: every route of the description × everybody who may come × own and foreign records, compared with the committed matrix
//! (`rights/matrix.txt`); and the right that each operation names (`x-right`) against what the server does.
//!
//! A route that is described and has no row fails, and so does one without a fixture. Tokens that are not good and ids of others
//! in other places have files of their own.

mod ids;
mod matrix;
mod of_admins;
mod of_officers;
mod of_open311;
mod of_people;
mod people;
mod tokens;
mod world;

use crate::app::Answered;
use matrix::{Cell, Matrix, differences};
use people::Who;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use world::{Payload, Prepared, World};

/// A route of the description with its right.
#[derive(Debug, Clone)]
struct Route {
    /// `GET /documents/{id}`, without the prefix of the API.
    name: String,
    right: Value,
}

impl Route {
    /// Whether the description says that somebody comes in.
    fn lets_in(&self, who: Who) -> bool {
        // A key is looked at where one is shown, and it has to be one of a partner.
        if self.right["name"] == "guest_or_exchange" && who == Who::KeyOpen311 {
            return false;
        }
        let has_role = who.role().is_some_and(|role| self.right["roles"].as_array().unwrap().iter().any(|it| it == role));
        let has_key = match self.right["name"].as_str().unwrap() {
            "key_exchange" => who == Who::KeyExchange,
            "key_open311" => who == Who::KeyOpen311,
            _ => false,
        };
        self.right["without_account"] == true || has_role || has_key
    }

    fn method(&self) -> Method {
        self.name.split(' ').next().unwrap().parse().unwrap()
    }

    /// Whether nothing stays as it was after a success.
    fn changes(&self) -> bool {
        ![Method::GET, Method::OPTIONS].contains(&self.method())
    }
}

/// Every operation of the description.
async fn described(world: &World) -> Vec<Route> {
    let description = world.town.get("", "/openapi.json").await.expect(200);
    let mut routes = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{} {}", method.to_uppercase(), path.strip_prefix("/api/v1").unwrap_or(path));
            assert!(operation["x-right"]["name"].is_string(), "{name} names no right");
            routes.push(Route { name, right: operation["x-right"].clone() });
        }
    }
    routes
}

async fn prepare(world: &World, who: Who, own: bool, route: &str) -> Prepared {
    if let Some(found) = of_admins::prepare(world, own, route).await {
        return found;
    }
    if let Some(found) = of_officers::prepare(world, who, own, route).await {
        return found;
    }
    if let Some(found) = of_open311::prepare(world, who, own, route).await {
        return found;
    }
    of_people::prepare(world, who, own, route).await.unwrap_or_else(|| panic!("there is no fixture for {route}"))
}

/// Sends the request as somebody.
async fn send(world: &World, who: Who, method: Method, prepared: &Prepared) -> Answered {
    let mut request = world.town.app.outside(method, &prepared.path);
    for (name, value) in &prepared.headers {
        request = request.header(name, value);
    }
    request = match who {
        Who::KeyExchange => request.header("X-Api-Key", &world.keys.exchange),
        Who::KeyOpen311 => request.header("X-Api-Key", &world.keys.open311),
        who if who.account().is_empty() => request,
        who => request.token(&world.town.token(who.account()).await),
    };
    request = match prepared.payload.clone() {
        Payload::None => request,
        Payload::Json(body) => request.json(&body),
        Payload::Typed(media_type, body) => request.body(&media_type, body),
    };
    request.send().await
}

/// Who can be asked about the same record.
fn class_of(who: Who, route: &Route) -> Who {
    let is_of_account = ["attachments", "POST /petitions", "/me", "/auth/login"].iter().any(|part| route.name.contains(part));
    match who {
        Who::Citizen | Who::Business | Who::Former | Who::Tracking | Who::KeyExchange | Who::KeyOpen311 => who,
        who if is_of_account && !route.name.contains("/documents/") => who,
        _ => Who::Nobody,
    }
}

/// Whether the answer is none that the right of the description allows.
fn contradicts(route: &Route, who: Who, answer: &Answered) -> bool {
    let right = route.right["name"].as_str().unwrap();
    let is_unknown = answer.status == 401 && ["not_signed_in", "token_invalid", "api_key_invalid"].contains(&answer.code());
    let lacks_role = answer.code() == "role_missing" || right == "key_open311" && answer.status == 403;
    // Within these rights it depends on the row and the step.
    let depends = ["officer", "own_petition", "report_reader", "figure_reader"].contains(&right);
    match route.lets_in(who) {
        _ if answer.status >= 500 => true,
        _ if right == "zalo_signature" => (200..300).contains(&answer.status),
        true => is_unknown || lacks_role && !depends,
        false => !is_unknown && !lacks_role,
    }
}

/// One row; and what contradicts the right that the description names.
async fn row(world: &World, route: &Route) -> (Vec<Cell>, Vec<String>) {
    let (mut cells, mut wrong) = (Vec::new(), Vec::new());
    let mut unharmed: BTreeMap<(Who, bool), Prepared> = BTreeMap::new();
    for who in Who::ALL {
        let mut statuses = [0, 0];
        for (own, status) in [true, false].into_iter().zip(&mut statuses) {
            let class = class_of(who, route);
            let prepared = match unharmed.remove(&(class, own)) {
                Some(prepared) => prepared,
                None => prepare(world, class, own, &route.name).await,
            };
            let answer = send(world, who, route.method(), &prepared).await;
            *status = answer.status;
            if contradicts(route, who, &answer) {
                wrong.push(format!("{} as {}: {} {}", route.name, who.name(), answer.status, answer.text));
            }
            if !(route.changes() && (200..300).contains(&answer.status)) {
                unharmed.insert((class, own), prepared);
            }
        }
        cells.push(Cell { own: statuses[0], foreign: statuses[1] });
    }
    (cells, wrong)
}

#[tokio::test]
async fn everybody_may_do_what_the_matrix_says_and_nothing_else() {
    let worlds = futures_util::future::join(World::start(), World::start()).await;
    let routes = described(&worlds.0).await;
    // Passwords change and sessions end last, because fixtures sign in.
    let at_the_end =
        |route: &Route| ["/me/password", "/me/second-factor", "/me/sessions"].iter().any(|it| route.name.contains(it));
    let (passwords, routes): (Vec<_>, Vec<_>) = routes.into_iter().partition(at_the_end);
    let (changed, others): (Vec<_>, Vec<_>) = passwords.into_iter().partition(|route| route.name.contains("/me/password"));
    let passwords = [others, changed].concat();
    let (odd, even): (Vec<_>, Vec<_>) = routes.into_iter().enumerate().partition(|(number, _)| number % 2 == 1);
    let walk = async |world: &World, routes: Vec<Route>| {
        let mut rows = Vec::new();
        for route in routes {
            rows.push((route.clone(), row(world, &route).await));
        }
        rows
    };
    let plain = |routes: Vec<(usize, Route)>| routes.into_iter().map(|(_, route)| route).collect::<Vec<_>>();
    let halves = (walk(&worlds.0, [plain(even), passwords].concat()), walk(&worlds.1, plain(odd)));
    let (first, second) = futures_util::future::join(halves.0, halves.1).await;
    let (mut found, mut wrong) = (Matrix::default(), Vec::new());
    for (route, (cells, contradictions)) in first.into_iter().chain(second) {
        found.0.insert(route.name, (route.right["name"].as_str().unwrap().to_owned(), cells));
        wrong.extend(contradictions);
    }
    let checked = found.0.len() * Who::ALL.len() * 2;
    println!("{} routes × {} who may come × own and foreign: {checked} answers", found.0.len(), Who::ALL.len());
    if std::env::var_os("PAKN_UPDATE_RIGHTS").is_some() {
        std::fs::write(Matrix::file(), found.text()).unwrap();
    }
    assert!(wrong.is_empty(), "{} contradict the right that the description names:\n{}", wrong.len(), wrong.join("\n"));
    let committed = std::fs::read_to_string(Matrix::file()).unwrap_or_default();
    let differences = differences(&committed, &found.text());
    assert!(differences.is_empty(), "{} rows are not as committed:\n{}", differences.len(), differences.join("\n"));
    assert!(committed == found.text(), "rights/matrix.txt is not as it would be written: PAKN_UPDATE_RIGHTS=1");
}
