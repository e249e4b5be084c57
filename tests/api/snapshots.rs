//! Published reports: they stay as they are, their hash is right, and asking again names exactly what was corrected.

use crate::app::Answered;
use crate::town::{Petition, Town, form_with};
use chrono::Duration;
use serde_json::{Value, json};

mod again;
mod kept;
mod refused;

const PATH: &str = "/statistics/snapshots";

/// Petitions at two agencies in several states, one of a business, one on the coordinator's desk; an hour later.
struct March {
    town: Town,
    petitions: Vec<Petition>,
}

async fn march() -> March {
    let town = Town::start().await;
    let mut petitions = Vec::new();
    for state in ["closed", "answered", "in_progress", "assigned", "refused", "withdrawn", "received"] {
        petitions.push(town.filed(state).await);
    }
    let business = json!({"kind": "business", "full_name": "Nguyễn Văn An", "phone": "0912345678",
                          "company_name": "Công ty Gốm Phù Lãng", "tax_code": "0100233488"});
    petitions.push(town.file(&form_with(json!({"area": "09187", "channel": "zalo", "petitioner": business}))).await);
    town.later(Duration::hours(1));
    March { town, petitions }
}

/// What goes on in the town after a cut-off.
async fn life_goes_on(town: &Town, petitions: &[Petition]) {
    town.later(Duration::days(1));
    town.respond(&petitions[1], "rating", json!({"score": 3})).await.expect(200);
    town.act("handler", petitions[2].document, "draft", crate::town::draft()).await.expect(200);
    town.act("handler", petitions[2].document, "submit", json!({})).await.expect(200);
    town.act("leader", petitions[2].document, "approve", json!({})).await.expect(200);
    let elsewhere = json!({"agency": crate::town::OTHER_AGENCY, "reason": "Không thuộc thẩm quyền"});
    town.act("clerk", petitions[3].document, "transfer", elsewhere).await.expect(200);
    town.act("elsewhere", petitions[7].document, "refuse", json!({"reason_code": "unclear"})).await.expect(200);
    // Its first agency had handed it on before the cut-off.
    town.coordinate(&petitions[6], "route", json!({"agency": crate::town::OTHER_AGENCY})).await.expect(200);
    town.filed("answered").await;
    town.later(Duration::days(20));
}

async fn publish(town: &Town, question: Value) -> Answered {
    let body = json!({"title": "Báo cáo tháng 3 năm 2026", "question": question});
    town.post("reviewer", PATH, &body).await.expect(201)
}

fn id_of(published: &Answered) -> String {
    published.text_of("/id")
}

async fn read(town: &Town, id: &str) -> Answered {
    town.get("", &format!("{PATH}/{id}")).await.expect(200)
}

async fn recompute(town: &Town, id: &str) -> Value {
    town.get("reviewer", &format!("{PATH}/{id}/recompute?limit=100")).await.expect(200).body
}
