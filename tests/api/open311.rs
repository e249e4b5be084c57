//! Open311 GeoReport v2: what the published validator asks of discovery, filing with a key, what may be read, errors in its form.

mod clients;
mod discovery;
mod filing;
mod reading;

use crate::app::Answered;
use crate::town::Town;
use reqwest::Method;
use serde_json::json;

/// A key made by an administrator.
async fn key(town: &Town, scope: &str, limit: i32) -> String {
    let body = json!({"name": "Ứng dụng thành phố", "scope": scope, "requests_per_hour": limit});
    town.post("admin", "/admin/api-keys", &body).await.expect(201).text_of("/key")
}

async fn get(town: &Town, path: &str) -> Answered {
    town.app.outside(Method::GET, &format!("/open311/v2{path}")).send().await
}

pub async fn post(town: &Town, form: &[(&str, &str)]) -> Answered {
    let body: Vec<String> = form.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let request = town.app.outside(Method::POST, "/open311/v2/requests.json");
    request.body("application/x-www-form-urlencoded", body.join("&")).send().await
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
