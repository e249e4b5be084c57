//! Requests of the Open311 endpoint, and of those who look whether the server runs.

use super::people::Who;
use super::world::{Prepared, World};

/// The request; `None` where the route is none of these. A key stands among the fields of the form.
pub async fn prepare(world: &World, who: Who, own: bool, route: &str) -> Option<Prepared> {
    let (method, path) = route.split_once(' ')?;
    if path.starts_with("/health/") || path == "/.well-known/security.txt" {
        return Some(Prepared::get(path));
    }
    let call = path.strip_prefix("/open311/v2")?;
    let path = call.replace(".{format}", ".json");
    let path = match path.as_str() {
        "/services/{code}.json" => format!("/services/{}.json", if own { "rac-thai-chat-thai" } else { "khong-co" }),
        "/requests/{id}.json" => format!("/requests/{}.json", world.petition(Who::Nobody, own, "answered").await.code),
        "/tokens/{token}.json" => "/tokens/khong-co.json".to_owned(),
        other => other.to_owned(),
    };
    let path = format!("/open311/v2{path}");
    if method == "GET" {
        return Some(Prepared::get(path));
    }
    let key = match who {
        Who::KeyExchange => &world.keys.exchange,
        Who::KeyOpen311 => &world.keys.open311,
        _ => "",
    };
    let service = if own { "rac-thai-chat-thai" } else { "khong-co" };
    let form = format!("api_key={key}&service_code={service}&description=Rac+thai+ton+dong+ba+ngay&address_string=Vo+Cuong");
    Some(Prepared::typed(path, "application/x-www-form-urlencoded", form))
}
