//! What leaves the house: written with the event, sent by the courier, kept as evidence.

mod duplicates;
mod email;
mod killed;
mod once;
mod put_off;
mod unproven;
mod webhooks;

use crate::town::Town;
use pakn::delivery::outbox::deliver_due;
use serde_json::Value;

/// Sends everything that is due now; says how many lines were taken in hand.
pub async fn courier(town: &Town) -> usize {
    let mut taken = 0;
    loop {
        let round = deliver_due(&town.app.app, "test").await.expect("the database");
        if round.taken == 0 {
            return taken;
        }
        taken += round.taken;
    }
}

/// The plain text of a letter, read by Python's own library, which is not ours.
pub fn plain_text(letter: &Value) -> String {
    email::parsed(letter)["text"].as_str().unwrap().to_owned()
}

/// The lines of the outbox as the administrator sees them, oldest first, as `channel state attempts`.
async fn lines(town: &Town, query: &str) -> Vec<Value> {
    let answer = town.get("admin", &format!("/admin/outbox?limit=100&{query}")).await.expect(200);
    let mut items = answer["items"].as_array().expect("items").clone();
    items.reverse();
    // Codes for those who register are about no petition.
    items.retain(|line| !line["petition"].is_null());
    items
}

fn words(line: &Value) -> String {
    format!("{} {} {}", line["channel"].as_str().unwrap(), line["state"].as_str().unwrap(), line["attempts"])
}
