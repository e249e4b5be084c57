//! Requests of petitioners and of everybody: own and foreign accounts, petitions, uploads, keys.

use super::people::{OTHER, Who};
use super::world::{Prepared, World};
use crate::app::PASSWORD;
use crate::town::{form, form_of_account, form_with};
use pakn::ops::jobs::run_maintenance;
use serde_json::{Value, json};

/// The request; `None` where the route is none of these.
#[expect(clippy::too_many_lines, reason = "one arm for each route")]
pub async fn prepare(world: &World, who: Who, own: bool, route: &str) -> Option<Prepared> {
    let api = |path: &str| format!("/api/v1{path}");
    let town = &world.town;
    Some(match route {
        "POST /auth/register" => Prepared::json(api("/auth/register"), registration(world, own)),
        "POST /auth/login" => {
            // Each time another name: who is wrong too often has to wait.
            let login = if own { "reviewer".to_owned() } else { format!("khong-ai-{}", world.number()) };
            Prepared::json(api("/auth/login"), json!({"login": login, "password": PASSWORD}))
        }
        "POST /auth/refresh" | "POST /auth/logout" => {
            let fresh = town.app.login("reviewer", PASSWORD).await.expect(200).text_of("/refresh_token");
            let token = if own { fresh } else { format!("{fresh}x") };
            Prepared::json(api(route.trim_start_matches("POST ")), json!({"refresh_token": token}))
        }
        "GET /me"
        | "GET /me/notifications"
        | "GET /me/events"
        | "GET /me/preferences"
        | "GET /me/sessions"
        | "GET /openapi.json"
        | "GET /audit/heads" => Prepared::get(api(route.trim_start_matches("GET "))),
        "POST /auth/password-reset" => Prepared::json(api("/auth/password-reset"), json!({"login": "reviewer"})),
        "GET /auth/password-reset/{token}" => Prepared::get(api("/auth/password-reset/1-khong-co")),
        "POST /auth/password-reset/{token}" => {
            Prepared::json(api("/auth/password-reset/1-khong-co"), json!({"new_password": "mật khẩu hoàn toàn mới"}))
        }
        "POST /challenges" => Prepared { payload: super::world::Payload::None, ..Prepared::get(api("/challenges")) },
        // No provider is set up in this town: the tests of `oidc` have one.
        "POST /auth/oidc/{realm}/begin" => Prepared::json(api("/auth/oidc/citizen/begin"), json!({})),
        "POST /auth/oidc/{realm}/finish" => Prepared::json(api("/auth/oidc/citizen/finish"), unbegun()),
        "POST /me/oidc/{realm}/begin" => Prepared::json(api("/me/oidc/officer/begin"), json!({"current_password": PASSWORD})),
        "POST /me/oidc/{realm}/finish" => Prepared::json(api("/me/oidc/officer/finish"), unbegun()),
        "GET /me/identities" => Prepared::get(api("/me/identities")),
        "POST /me/identities/{id}/remove" => {
            Prepared::json(api("/me/identities/999999999/remove"), json!({"current_password": PASSWORD}))
        }
        "POST /me/sessions/end-others" => Prepared::get(api("/me/sessions/end-others")),
        "POST /me/sessions/{id}/end" => {
            let account = if own && !who.account().is_empty() { who.account() } else { OTHER };
            Prepared::get(api(&format!("/me/sessions/{}/end", session(world, account).await)))
        }
        "POST /me/second-factor" => {
            let current = if own { PASSWORD } else { "không phải mật khẩu" };
            Prepared::json(api("/me/second-factor"), json!({"current_password": current}))
        }
        "POST /me/second-factor/confirm" | "POST /me/second-factor/recovery-codes" => {
            // Six digits would be right once in a while.
            Prepared::json(api(route.trim_start_matches("POST ")), json!({"totp": "aaaaa-aaaaa"}))
        }
        "POST /me/second-factor/remove" => {
            Prepared::json(api("/me/second-factor/remove"), json!({"current_password": PASSWORD, "totp": "000000"}))
        }
        // Somebody else's e-mail cannot be taken.
        "PATCH /me" => match own {
            true => {
                let phone = format!("0912{:06}", world.number());
                Prepared::json(api("/me"), json!({"phone": phone, "current_password": PASSWORD}))
            }
            false => Prepared::json(api("/me"), json!({"email": OTHER, "current_password": PASSWORD})),
        },
        // Nobody here erases themselves: what comes next needs everybody.
        "DELETE /me" => {
            let current = if own { "" } else { "không phải mật khẩu" };
            Prepared::json(api("/me"), json!({"current_password": current}))
        }
        // No way to a phone is set up in this town.
        "POST /me/contacts/send" => {
            Prepared::json(api("/me/contacts/send"), json!({"kind": if own { "phone" } else { "email" }}))
        }
        "POST /me/contacts/confirm" => Prepared::json(api("/me/contacts/confirm"), json!({"code": "000000"})),
        "POST /me/password" => {
            let current = if own { PASSWORD } else { "không phải mật khẩu" };
            let body = json!({"current_password": current, "new_password": format!("mật khẩu mới số {}", world.number())});
            Prepared::json(api("/me/password"), body)
        }
        "POST /me/notifications/read" => {
            let told = town.get(OTHER, "/me/notifications").await.expect(200).body["items"][0]["id"].clone();
            Prepared::json(api("/me/notifications/read"), json!({"up_to": if own { json!(1) } else { told }}))
        }
        "PATCH /me/preferences" => Prepared::json(api("/me/preferences"), json!({})),
        "POST /me/zalo/phone" | "POST /me/zalo/location" => {
            Prepared::json(api(route.trim_start_matches("POST ")), json!({"access_token": "x", "code": "y"}))
        }
        "POST /auth/zalo" => Prepared::json(api("/auth/zalo"), json!({"access_token": "x"})),
        "POST /channels/zalo/webhook" => Prepared::json(api("/channels/zalo/webhook"), json!({})),
        "GET /channels/zalo/authorised" => Prepared::get(api("/channels/zalo/authorised?code=a&oa_id=b&state=c")),
        "GET /unsubscribe/{link}" => Prepared::get(api("/unsubscribe/khong-co")),
        "POST /unsubscribe/{link}" => {
            Prepared { payload: super::world::Payload::None, ..Prepared::get(api("/unsubscribe/khong-co")) }
        }
        "POST /petitions" => {
            let photo = world.photo(if own { who.account() } else { OTHER }).await;
            let mut form = if who.is_petitioner() { form_of_account() } else { form() };
            form["attachments"] = json!([photo]);
            Prepared::json(api("/petitions"), form)
        }
        // A cursor of another list is none of this one.
        "GET /petitions" => Prepared::get(api(if own { "/petitions" } else { "/petitions?cursor=WyJpbmJveCIsMV0" })),
        "GET /petitions/{code}" | "GET /petitions/{code}/timeline" => {
            let petition = world.petition(who, own, "in_progress").await;
            Prepared::get(api(&route.trim_start_matches("GET ").replace("{code}", &petition.code))).tracking(who, own, &petition)
        }
        "POST /petitions/{code}/reply" => respond(world, who, own, "reply", "waiting_for_petitioner").await,
        "POST /petitions/{code}/rating" => respond(world, who, own, "rating", "answered").await,
        "POST /petitions/{code}/reopen" => respond(world, who, own, "reopen", "answered").await,
        "POST /petitions/{code}/identity" => respond(world, who, own, "identity", "assigned").await,
        "POST /petitions/{code}/withdraw" => respond(world, who, own, "withdraw", "assigned").await,
        "POST /attachments" => {
            let body = crate::media::multipart("file", "ảnh.jpg", "image/jpeg", &crate::media::jpeg(24, 24));
            Prepared::typed(api("/attachments"), &crate::media::multipart_type(), body)
        }
        "OPTIONS /attachments/uploads" => Prepared::get(api("/attachments/uploads")),
        "POST /attachments/uploads" => {
            Prepared::get(api("/attachments/uploads")).header("Tus-Resumable", "1.0.0").header("Upload-Length", "600")
        }
        "GET /attachments/uploads/{upload}" | "DELETE /attachments/uploads/{upload}" => {
            Prepared::get(world.upload(if own { who.account() } else { OTHER }).await).header("Tus-Resumable", "1.0.0")
        }
        "PATCH /attachments/uploads/{upload}" => {
            let place = world.upload(if own { who.account() } else { OTHER }).await;
            let request = Prepared::typed(place, "application/offset+octet-stream", vec![0xFF; 100]);
            request.header("Tus-Resumable", "1.0.0").header("Upload-Offset", "0")
        }
        "GET /files/{token}" => Prepared::get(if own { shown(world).await } else { api("/files/khong-co") }),
        "GET /public/petitions/{code}" => {
            let petition = world.petition(Who::Nobody, own, "answered").await;
            Prepared::get(api(&format!("/public/petitions/{}", petition.code)))
        }
        "POST /exchange/petitions" => Prepared::json(api("/exchange/petitions"), partner_form(&format!("P-{}", world.number()))),
        "GET /exchange/petitions" => Prepared::get(api("/exchange/petitions")),
        "GET /exchange/petitions/{partner_id}" => {
            let (id, key) =
                (format!("P-{}", world.number()), if own { &world.keys.exchange } else { &world.keys.other_exchange });
            let filed = town.app.post("/exchange/petitions", &partner_form(&id)).header("X-Api-Key", key).send().await;
            filed.expect(201);
            Prepared::get(api(&format!("/exchange/petitions/{id}")))
        }
        _ => return public(world, own, route).await,
    })
}

/// What everybody reads.
async fn public(world: &World, own: bool, route: &str) -> Option<Prepared> {
    let path = route.strip_prefix("GET ")?;
    let unvaried = ["/categories", "/areas", "/agencies", "/public/petitions", "/statistics/summary", "/statistics/ranking"];
    let more = ["/statistics/trend", "/statistics/backlog", "/charts/trend.svg", "/charts/ranking.svg", "/charts/ratings.svg"];
    let rest = ["/charts/backlog.svg", "/statistics/snapshots"];
    if unvaried.iter().chain(&more).chain(&rest).any(|known| *known == path) {
        return Some(Prepared::get(format!("/api/v1{path}")));
    }
    let snapshot = path.strip_prefix("/statistics/snapshots/{id}")?;
    let id = match own {
        true => {
            let body = json!({"title": "Báo cáo", "question": {}});
            world.town.post("reviewer", "/statistics/snapshots", &body).await.expect(201).text_of("/id")
        }
        false => "7K3QX9M2CA".to_owned(),
    };
    Some(Prepared::get(format!("/api/v1/statistics/snapshots/{id}{snapshot}")))
}

impl Prepared {
    /// A guest shows a token: that of the petition, or that of another one.
    fn tracking(self, who: Who, own: bool, petition: &crate::town::Petition) -> Self {
        match who {
            Who::Tracking if own => self.header("X-Tracking-Token", &petition.tracking),
            Who::Tracking => self.header("X-Tracking-Token", "mot-ma-theo-doi-khac"),
            _ => self,
        }
    }
}

async fn respond(world: &World, who: Who, own: bool, action: &str, state: &str) -> Prepared {
    let petition = world.petition(who, own, state).await;
    let body = match action {
        "reply" => json!({"text": "Ở đầu ngõ số 5."}),
        "rating" => json!({"score": 5}),
        "reopen" => json!({"reason": "Rác vẫn còn nguyên."}),
        "identity" => json!({"hide_identity": true}),
        _ => json!({}),
    };
    Prepared::json(format!("/api/v1/petitions/{}/{action}", petition.code), body).tracking(who, own, &petition)
}

/// What comes back from a provider for somebody who has not begun.
fn unbegun() -> Value {
    json!({"state": "x", "finish_secret": "y", "code": "z"})
}

/// A session of the account beside the one that everything else is asked with.
async fn session(world: &World, account: &str) -> String {
    let fresh = world.town.app.login(account, PASSWORD).await.expect(200).text_of("/access_token");
    let own = world.town.app.get("/me/sessions").token(&fresh).send().await.expect(200);
    let sessions = own.body["items"].as_array().unwrap();
    let newest = sessions.iter().find(|session| session["is_current"] == true).expect("the session itself");
    newest["id"].as_str().expect("an id").to_owned()
}

fn registration(world: &World, own: bool) -> Value {
    let email = if own { format!("moi{}@example.vn", world.number()) } else { OTHER.to_owned() };
    json!({"account_kind": "citizen", "full_name": "Lê Thị Mới", "email": email, "password": PASSWORD})
}

fn partner_form(id: &str) -> Value {
    let mut form = form();
    form.as_object_mut().unwrap().remove("channel");
    form["partner_id"] = json!(id);
    form
}

/// The signed link to a photo of a petition.
async fn shown(world: &World) -> String {
    let photo = world.photo("").await;
    let petition = world.town.file(&form_with(json!({"attachments": [photo]}))).await;
    run_maintenance(&world.town.app.app).await.expect("the photo is made safe");
    world.town.read(&petition).await["attachments"][0]["url"].as_str().expect("a link").to_owned()
}
