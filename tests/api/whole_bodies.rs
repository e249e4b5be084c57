//! Every problem of a body at once: all bodies that the description knows, each sent empty, with a field too many and with values of
//! the wrong type.

use crate::app::Answered;
use crate::town::{Town, form_with};
use reqwest::Method;
use serde_json::{Map, Value, json};

/// Who sends: whoever is let in first to the body.
const SENDERS: [&str; 8] = ["", "admin", "coordinator", "leader", "handler", "clerk", "reviewer", "nguoi@example.vn"];
/// Bodies that come before anything else is known of the caller, or from systems with a key of their own; read by the same code.
const ELSEWHERE: [&str; 4] = ["/exchange/", "/oidc/", "/channels/zalo/webhook", "/auth/password-reset/"];

struct Body {
    method: Method,
    path: String,
    schema: Value,
}

/// Every operation with a JSON body.
fn bodies(spec: &Value) -> Vec<Body> {
    let mut found = Vec::new();
    for (path, operations) in spec["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_object() {
                let method = method.to_uppercase().parse().unwrap();
                found.push(Body { method, path: path.clone(), schema: resolved(spec, schema) });
            }
        }
    }
    found
}

/// A schema without references at its top, the parts of `allOf` put together.
fn resolved(spec: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return resolved(spec, spec.pointer(reference.trim_start_matches('#')).unwrap());
    }
    let Some(parts) = schema["allOf"].as_array() else { return schema.clone() };
    let mut whole = json!({"properties": {}, "required": []});
    for part in parts.iter().map(|part| resolved(spec, part)) {
        let properties = part["properties"].as_object().cloned().unwrap_or_default();
        whole["properties"].as_object_mut().unwrap().extend(properties);
        let required = part["required"].as_array().cloned().unwrap_or_default();
        whole["required"].as_array_mut().unwrap().extend(required);
    }
    whole
}

/// The JSON types that a property takes.
fn types(spec: &Value, property: &Value) -> Vec<String> {
    let property = resolved(spec, property);
    let of_parts = |parts: &Value| parts.as_array().into_iter().flatten().flat_map(|part| types(spec, part)).collect::<Vec<_>>();
    match &property["type"] {
        Value::String(word) => vec![word.clone()],
        Value::Array(words) => words.iter().map(|word| word.as_str().unwrap().to_owned()).collect(),
        _ => [of_parts(&property["oneOf"]), of_parts(&property["anyOf"])].concat(),
    }
}

/// A value of a type that is none of these; none where any value is taken.
fn of_other_type(types: &[String]) -> Option<Value> {
    let all = [("object", json!({"la": 1})), ("array", json!([["la"]])), ("boolean", json!(true)), ("string", json!("la"))];
    if types.is_empty() {
        return None;
    }
    all.into_iter().find(|(name, _)| !types.iter().any(|word| word == name)).map(|(_, value)| value)
}

/// The answer to a body, from the first who is let in.
async fn answered(town: &Town, body: &Body, sent: &Value) -> Answered {
    let path = fill(&body.path);
    for sender in SENDERS {
        let request = town.app.request(body.method.clone(), path.strip_prefix("/api/v1").unwrap()).json(sent);
        let request = if sender.is_empty() { request } else { request.token(&town.token(sender).await) };
        let answer = request.send().await;
        if !matches!(answer.status, 401 | 403) {
            return answer;
        }
    }
    panic!("nobody may send {} {}", body.method, body.path);
}

fn fill(path: &str) -> String {
    let words = path.split('/').map(|part| match part {
        "{id}" | "{line}" | "{version}" => "1",
        "{code}" => "BN26-7K3QX9-C",
        "{date}" => "2026-03-04",
        "{year}" => "2031",
        part if part.starts_with('{') => "x",
        part => part,
    });
    words.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn each_body_hears_everything_that_is_missing_unknown_or_of_the_wrong_type() {
    let town = Town::start_with(|config| config.rate_limits = false).await;
    let spec = town.app.get("/openapi.json").send().await.expect(200).body;
    let bodies: Vec<Body> =
        bodies(&spec).into_iter().filter(|body| !ELSEWHERE.iter().any(|path| body.path.contains(path))).collect();
    assert!(bodies.len() > 50, "{}", bodies.len());
    let (mut fields, mut missing) = (0, Vec::new());
    for body in &bodies {
        let told = format!("{} {}", body.method, body.path);
        let required: Vec<&str> =
            body.schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()).collect();
        let empty = answered(&town, body, &json!({"khong_co": 1, "la.lam": {}})).await;
        let errors = empty.errors();
        for name in ["khong_co", "la.lam"] {
            if !errors.contains(&format!("{name}=unknown_field")) {
                missing.push(format!("{told}: {name} in {errors:?}, {}", empty.status));
            }
        }
        for name in required.iter().filter(|name| !errors.contains(&format!("{name}=required"))) {
            missing.push(format!("{told}: {name} is required, {errors:?}"));
        }
        let mut wrong = Map::from_iter([("khong_co".to_owned(), json!(null))]);
        for (name, property) in body.schema["properties"].as_object().into_iter().flatten() {
            if let Some(value) = of_other_type(&types(&spec, property)) {
                wrong.insert(name.clone(), value);
            }
        }
        let errors = answered(&town, body, &Value::Object(wrong.clone())).await.errors();
        for name in wrong.keys() {
            fields += 1;
            let is_told = |error: &String| error.strip_prefix(name).is_some_and(|rest| rest.starts_with(['=', '.', '[']));
            if !errors.iter().any(is_told) {
                missing.push(format!("{told}: {name} of the wrong type ({}), {errors:?}", wrong[name]));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(fields > 150, "{fields}");
}

#[tokio::test]
async fn codes_are_told_with_texts() {
    let town = Town::start().await;
    let wrong = form_with(json!({"title": "x", "category": "khong-co", "area": "99999", "attachments": ["x"]}));
    let told = town.post("", "/petitions", &wrong).await.wrong_fields();
    assert_eq!(told, ["title=too_short", "attachments[0]=unknown_code", "category=unknown_code", "area=unknown_code"]);
    let district = form_with(json!({"content": "ngắn", "area": "256"}));
    assert_eq!(town.post("", "/petitions", &district).await.wrong_fields(), ["content=too_short", "area=not_allowed"]);
    let petition = town.filed("in_progress").await;
    let transfer = json!({"agency": "27-KHONG", "reason": " "});
    let told = town.act("clerk", petition.document, "transfer", transfer).await.wrong_fields();
    assert_eq!(told, ["agency=unknown_code", "reason=required"]);
    let extend = json!({"until": "2026-03-01", "reason": ""});
    let told = town.act("handler", petition.document, "extend", extend).await.wrong_fields();
    assert_eq!(told, ["until=must_be_after", "reason=required"]);
    let answered = town.filed("answered").await;
    let rating = json!({"score": 9, "comment": ""});
    assert_eq!(town.respond(&answered, "rating", rating).await.wrong_fields(), ["score=out_of_range", "comment=required"]);
}

#[tokio::test]
async fn search_parameters_are_all_told() {
    let town = Town::start().await;
    let told = town.get("", "/public/petitions?category=x&area=y").await.wrong_fields();
    assert_eq!(told, ["category=unknown_code", "area=unknown_code"]);
    let told = town.get("", "/public/petitions?limit=0&trang=2&sort=x").await.wrong_fields();
    assert_eq!(told, ["limit=out_of_range", "trang=unknown_field", "sort=unknown_field"]);
    let told = town.get("clerk", "/documents?status=x&year=y&overdue=2&la=1&la2=2").await.wrong_fields();
    assert_eq!(told, ["status=not_one_of", "year=wrong_type", "overdue=wrong_type", "la=unknown_field", "la2=unknown_field"]);
    let told = town.get("clerk", "/documents?category=x&assignee=khong.co").await.wrong_fields();
    assert_eq!(told, ["category=unknown_code", "assignee=unknown_code"]);
}
