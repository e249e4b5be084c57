//! Asking again: nothing differs unless something was corrected, and then exactly that is named.

use super::{PATH, id_of, life_goes_on, march, publish, recompute};
use crate::verify::by_hand;
use serde_json::{Value, json};

fn changes(answer: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let items = answer["items"].as_array().unwrap().iter();
    items
        .flat_map(|item| {
            let fields = item["fields"].as_array().unwrap().clone();
            let head = format!("{} {}", text(&item["code"]), text(&item["change"]));
            fields
                .into_iter()
                .map(move |field| format!("{head} {}: {} → {}", text(&field["field"]), text(&field["old"]), text(&field["new"])))
        })
        .collect()
}

fn figures(answer: &Value) -> Vec<String> {
    let row = |figure: &Value| {
        let key = figure["key"].as_str().map(|key| format!("/{key}")).unwrap_or_default();
        let name = format!("{}{key}/{}", figure["part"].as_str().unwrap(), figure["measure"].as_str().unwrap());
        format!("{name}: {} → {}", figure["old"], figure["new"])
    };
    answer["figures"].as_array().unwrap().iter().map(row).collect()
}

#[tokio::test]
async fn what_happens_after_the_cut_off_makes_no_difference() {
    let march = march().await;
    let town = &march.town;
    let mut ids = Vec::new();
    let all = "received,handled,median_processing_days,open_overdue,carried_over,closing_backlog,hand_overs_in,hand_overs_out";
    for group_by in ["none", "agency", "district", "level", "category", "channel", "petitioner_kind", "urgency", "month"] {
        for compare in ["previous", "year"] {
            let question = json!({"from": "2026-01-15", "to": "2026-03-31", "group_by": group_by, "compare": compare});
            ids.push(id_of(&publish(town, question).await));
        }
        ids.push(id_of(&publish(town, json!({"period": "2026-03", "group_by": group_by, "measures": all})).await));
    }
    // In the morning, the day before counts whole: it has to when the same is asked at noon.
    town.at("2026-03-03T07:00:00+07:00");
    let day = json!({"from": "2026-03-03", "to": "2026-03-03", "compare": "previous", "measures": "received,carried_over"});
    let published = publish(town, day).await;
    assert_eq!(published.body["figures"]["comparison"]["total"]["received"], 6);
    ids.push(id_of(&published));
    for question in [
        json!({}),
        json!({"period": "2026-03", "as_of": "2026-03-02"}),
        json!({"period": "2026-03", "agency": "27-09190"}),
        json!({"period": "2026-03", "agency": "27-09190", "measures": all}),
        json!({"period": "2026-03", "agency": "coordination", "agencies": "today"}),
        json!({"period": "2026-03", "level": "commune", "channel": "mobile", "measures": "received"}),
        json!({"from": "2026-03-02", "to": "2026-03-02", "measures": "carried_over"}),
        json!({"period": "2024", "measures": "received"}),
    ] {
        ids.push(id_of(&publish(town, question).await));
    }
    life_goes_on(town, &march.petitions).await;
    // A report of what was carried over, while the same petitions are answered one after another.
    ids.push(id_of(&publish(town, json!({"from": "2026-03-03", "to": "2026-03-20"})).await));
    town.later(chrono::Duration::days(1));
    town.filed("answered").await;
    for id in ids {
        let again = recompute(town, &id).await;
        assert_eq!((figures(&again), changes(&again)), (vec![], vec![]), "{id}");
        assert_eq!((&again["is_same"], &again["count"], &again["next_cursor"]), (&json!(true), &json!(0), &Value::Null));
        assert_eq!(again["rule_version"], json!({"old": "pakn-1", "new": "pakn-1"}));
    }
}

#[tokio::test]
async fn a_corrected_petition_is_named_with_what_was_and_what_is() {
    let march = march().await;
    let town = &march.town;
    let by_category = json!({"period": "2026-03", "group_by": "category", "measures": "received,handled"});
    let category = id_of(&publish(town, by_category).await);
    let channel = id_of(&publish(town, json!({"period": "2026-03", "channel": "mobile", "measures": "received"})).await);
    let carried = id_of(&publish(town, json!({"period": "2026-03", "measures": "received,carried_over"})).await);
    life_goes_on(town, &march.petitions).await;
    let code = &march.petitions[0].code;
    let of_code = format!("WHERE code = '{code}'");

    let roads = "(SELECT MIN(id) FROM categories WHERE code = 'duong-giao-thong')";
    let garbage = "(SELECT MIN(id) FROM categories WHERE code = 'rac-thai-chat-thai')";
    by_hand(&town.app, &format!("UPDATE petitions SET category_id = {roads} {of_code}")).await;
    let again = recompute(town, &category).await;
    assert_eq!(changes(&again), [format!("{code} changed category: rac-thai-chat-thai → duong-giao-thong")]);
    assert_eq!(
        figures(&again),
        [
            "groups/duong-giao-thong/handled: 0 → 1",
            "groups/duong-giao-thong/received: 0 → 1",
            "groups/rac-thai-chat-thai/handled: 2 → 1",
            "groups/rac-thai-chat-thai/received: 6 → 5",
        ]
    );
    assert_eq!((&again["is_same"], &again["count"]), (&json!(false), &json!(1)));
    by_hand(&town.app, &format!("UPDATE petitions SET category_id = {garbage} {of_code}")).await;
    assert_eq!(recompute(town, &category).await["is_same"], true, "corrected back");

    by_hand(&town.app, &format!("UPDATE petitions SET channel = 'phone' {of_code}")).await;
    let again = recompute(town, &channel).await;
    assert_eq!(figures(&again), ["total/received: 5 → 4"]);
    assert_eq!(
        (&again["items"][0]["change"], &again["items"][0]["code"], &again["count"]),
        (&json!("gone"), &json!(code), &json!(1))
    );
    assert!(changes(&again).contains(&format!("{code} gone channel: mobile → -")));
    assert_eq!(changes(&recompute(town, &category).await), [format!("{code} changed channel: mobile → phone")]);
    let without = id_of(&publish(town, json!({"period": "2026-03", "channel": "mobile", "measures": "received"})).await);
    by_hand(&town.app, &format!("UPDATE petitions SET channel = 'mobile' {of_code}")).await;
    let again = recompute(town, &without).await;
    assert!(changes(&again).contains(&format!("{code} added channel: - → mobile")), "{again}");
    assert_eq!((&again["items"][0]["change"], &again["count"]), (&json!("added"), &json!(1)));

    // Still open on the coordinator's desk: received a month earlier, it is carried over.
    let desk = &march.petitions[6].code;
    let earlier = "received_at = '2026-02-10 01:00:00', received_on = '2026-02-10'";
    by_hand(&town.app, &format!("UPDATE petitions SET {earlier} WHERE code = '{desk}'")).await;
    by_hand(
        &town.app,
        &format!(
            "UPDATE timeline SET at = '2026-02-10 01:00:00' WHERE petition_id = (SELECT id FROM petitions WHERE code = '{desk}')"
        ),
    )
    .await;
    let again = recompute(town, &carried).await;
    assert_eq!(figures(&again), ["total/carried_over: 0 → 1", "total/received: 6 → 5"]);
    let told: Vec<_> = again["items"].as_array().unwrap().iter().map(|item| (&item["received_in"], &item["change"])).collect();
    assert_eq!(told, [(&json!("2026-02-01"), &json!("added")), (&json!("2026-03-01"), &json!("gone"))]);
    assert!(changes(&again).contains(&format!("{desk} added counts_as: - → carried")), "{again}");
}

#[tokio::test]
async fn many_changed_petitions_come_in_pages() {
    let march = march().await;
    let town = &march.town;
    let id = id_of(&publish(town, json!({"period": "2026-03"})).await);
    by_hand(&town.app, "UPDATE petitions SET channel = 'counter'").await;
    let mut expected: Vec<String> = march.petitions.iter().map(|petition| petition.code.clone()).collect();
    expected.sort();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = town.get("reviewer", &format!("{PATH}/{id}/recompute?limit=3{cursor}")).await.expect(200).body;
        assert_eq!(page["count"], 8);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, expected);
    let foreign = town.get("", &format!("{PATH}?limit=1")).await.body["next_cursor"].clone();
    assert!(foreign.is_null(), "only one report");
    assert_eq!(
        town.get("reviewer", &format!("{PATH}/{id}/recompute?cursor=nix")).await.wrong_fields(),
        ["cursor=foreign_cursor"]
    );
}
