//! Carrier over an HTTP gateway modelled on the national bus (VXP): list waiting messages, fetch each, report the
//! outcome.
//!
//! Names of calls and fields come from the published kit; their use in headers is not published, so all of it is kept
//! in this file. Every call carries an HMAC-SHA256 over system, time, content type and body. Responses are read only
//! up to the size limit.

use super::carrier::{Carrier, CarrierError, CarrierOutcome, ExchangeEnvelope, IncomingItem};
use crate::app::App;
use crate::config::Secret;
use crate::integrations::edoc::rules::MessageKind;
use crate::kernel::clock::Clock;
use data_encoding::{BASE64, HEXLOWER};
use futures_util::future::BoxFuture;
use reqwest::{Client, Response, StatusCode};
use ring::hmac;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const JSON: &str = "application/json";
const MESSAGE: &str = "application/octet-stream";
const SYSTEM_HEADER: &str = "X-System-Id";
const TIME_HEADER: &str = "X-Timestamp";
const SIGNATURE_HEADER: &str = "X-Signature";
/// Maximum size in bytes of a response that is not a message.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;
/// Maximum messages per round.
const MOST: usize = 200;
/// Maximum characters kept of a gateway's error text.
const LONGEST_REASON: usize = 200;

/// Transports messages through a gateway.
pub(super) struct GatewayCarrier {
    client: Client,
    base: String,
    system: String,
    key: Secret,
    clock: Arc<dyn Clock>,
    most_bytes: usize,
}

impl GatewayCarrier {
    pub fn new(app: &App, address: &str) -> Result<Self, CarrierError> {
        let config = &app.config;
        if !config.exchange_gateways.iter().any(|known| known == address) {
            return Err(CarrierError::Settings("the address is not one of exchange_gateways"));
        }
        let timeout = Duration::from_millis(config.exchange_timeout_ms);
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| CarrierError::Settings("no client for HTTP can be made"))?;
        Ok(Self {
            client,
            base: address.trim_end_matches('/').to_owned(),
            system: config.exchange_system_id.clone(),
            key: config.exchange_key.clone().unwrap_or_else(|| Secret::new(String::new())),
            clock: Arc::clone(&app.clock),
            most_bytes: config.exchange_max_bytes,
        })
    }

    async fn call(
        &self,
        call: &str,
        content_type: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        most: usize,
    ) -> Result<(String, Vec<u8>), CarrierError> {
        let time = self.clock.now().local().format("%d%m%YT%H%M%S+0%3f").to_string();
        let signed = signature(self.key.reveal(), &[self.system.as_bytes(), time.as_bytes(), content_type.as_bytes(), &body]);
        let mut request = self
            .client
            .post(format!("{}/{call}", self.base))
            .header("Content-Type", content_type)
            .header(SYSTEM_HEADER, &self.system)
            .header(TIME_HEADER, &time)
            .header(SIGNATURE_HEADER, signed)
            .body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.map_err(|error| away(&error))?;
        let status = response.status();
        let answer_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
        let answer_type = answer_type.unwrap_or_default().to_ascii_lowercase();
        let bytes = limited(response, most).await?;
        if status.is_success() {
            return Ok((answer_type, bytes));
        }
        let is_passing =
            status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
        // A wrong key or URL affects every message, not only this one.
        let is_general = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
        let sentence = format!("{call} was answered with {}", status.as_u16());
        if is_passing || is_general || status.is_redirection() {
            Err(CarrierError::Unavailable(sentence))
        } else {
            Err(CarrierError::Refused(sentence))
        }
    }

    async fn ask(&self, call: &str, body: &Value) -> Result<Value, CarrierError> {
        let (_, bytes) = self.call(call, JSON, &[], body.to_string().into_bytes(), LONGEST_ANSWER).await?;
        judged(call, &bytes)
    }
}

/// Returns the HMAC over the concatenated parts in lower-case hex.
fn signature(key: &str, parts: &[&[u8]]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()));
    parts.iter().for_each(|part| context.update(part));
    HEXLOWER.encode(context.sign().as_ref())
}

/// Reports only the kind of failure, because the URL may contain a secret.
fn away(error: &reqwest::Error) -> CarrierError {
    let what = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    CarrierError::Unavailable(what.to_owned())
}

/// Reads the body, cut off slightly above the limit.
async fn limited(mut response: Response, most: usize) -> Result<Vec<u8>, CarrierError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| away(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > most {
            break;
        }
    }
    Ok(bytes)
}

/// Returns the response if it reports success: `{status: "OK", ErrorCode: "0"}`.
fn judged(call: &str, bytes: &[u8]) -> Result<Value, CarrierError> {
    let answer: Value = serde_json::from_slice(bytes)
        .map_err(|_| CarrierError::Unavailable(format!("{call} was answered with something else than JSON")))?;
    let text = |name: &str| answer.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let is_ok = text("status").is_none_or(|status| status.eq_ignore_ascii_case("ok"));
    let code = text("ErrorCode").unwrap_or_else(|| "0".to_owned());
    if is_ok && code == "0" {
        return Ok(answer);
    }
    let reason = text("ErrorDesc").unwrap_or_default();
    let reason: String = reason.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect();
    Err(CarrierError::Refused(format!("{call}: error {code} {reason}")))
}

/// Returns the message ids in a list response.
fn identifiers(answer: &Value) -> Vec<String> {
    let list = ["data", "list"].iter().find_map(|name| answer.get(name)).and_then(Value::as_array);
    let id = |entry: &Value| -> Option<String> {
        let value = ["docId", "id"].iter().find_map(|name| entry.get(name))?;
        value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|number| number.to_string()))
    };
    list.into_iter().flatten().filter_map(id).take(MOST).collect()
}

impl Carrier for GatewayCarrier {
    fn send<'a>(&'a self, envelope: &'a ExchangeEnvelope) -> BoxFuture<'a, Result<(), CarrierError>> {
        Box::pin(async move {
            let kind = if envelope.kind == MessageKind::Status { "status" } else { "edoc" };
            let headers = [("from", envelope.from.as_str()), ("servicetype", "eDoc"), ("messagetype", kind)];
            let (_, bytes) = self.call("sendEdoc", MESSAGE, &headers, envelope.bytes.clone(), LONGEST_ANSWER).await?;
            judged("sendEdoc", &bytes).map(drop)
        })
    }

    fn arrived(&self) -> BoxFuture<'_, Result<Vec<IncomingItem>, CarrierError>> {
        Box::pin(async move {
            let mut names = Vec::new();
            for kind in ["edoc", "status"] {
                let answer = self.ask("getReceivedEdocList", &json!({"servicetype": "eDoc", "messagetype": kind})).await?;
                names.extend(identifiers(&answer).into_iter().map(|name| IncomingItem { name, may_grow: false }));
            }
            Ok(names)
        })
    }

    fn take<'a>(&'a self, arrived: &'a IncomingItem) -> BoxFuture<'a, Result<Vec<u8>, CarrierError>> {
        Box::pin(async move {
            let body = json!({"filePath": "", "docId": arrived.name}).to_string().into_bytes();
            // Base64 makes the JSON a third larger.
            let most = self.most_bytes.saturating_mul(2);
            let (answer_type, bytes) = self.call("getEdoc", JSON, &[], body, most).await?;
            if !answer_type.contains("json") {
                return Ok(bytes);
            }
            let answer = judged("getEdoc", &bytes)?;
            let encoded =
                ["data", "content"].iter().find_map(|name| answer.get(name)).and_then(Value::as_str).unwrap_or_default();
            let compact: Vec<u8> = encoded.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
            BASE64.decode(&compact).map_err(|_| CarrierError::Refused("getEdoc: the message is no base64".to_owned()))
        })
    }

    fn finish<'a>(&'a self, arrived: &'a IncomingItem, ending: CarrierOutcome) -> BoxFuture<'a, Result<(), CarrierError>> {
        Box::pin(async move {
            let status = if ending == CarrierOutcome::Done { "done" } else { "fail" };
            self.ask("updateStatus", &json!({"status": status, "docId": arrived.name})).await.map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_parts_in_a_row() {
        // RFC 4231, test case 2.
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", &[b"what do ya want ", b"for ", b"", b"nothing?"]), expected);
    }

    #[test]
    fn an_answer_has_to_say_that_all_is_well() {
        assert!(judged("x", br#"{"status":"OK","ErrorCode":"0"}"#).is_ok());
        assert!(matches!(judged("x", br#"{"status":"FAIL","ErrorCode":"12"}"#), Err(CarrierError::Refused(_))));
        assert!(matches!(judged("x", br#"{"status":"OK","ErrorCode":5}"#), Err(CarrierError::Refused(_))));
        assert!(matches!(judged("x", b"<html>"), Err(CarrierError::Unavailable(_))));
        assert_eq!(identifiers(&json!({"data": [{"docId": "a"}, {"id": 7}, {}, 3]})), ["a", "7"]);
    }
}
