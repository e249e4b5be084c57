//! A gateway of the tests on 127.0.0.1: remembers what it was asked, answers as it is told, also badly.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    Well,
    /// Answers every call with this status.
    Status(u16),
    /// Says in a good answer that it does not want it.
    Refuses,
    /// Answers with a page.
    Page,
    /// Takes the call and never answers.
    Silent,
    /// Begins an answer and never ends it.
    Stuck,
    /// Closes the connection in the middle.
    Broken,
    /// Sends without an end.
    Endless,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    pub name: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

pub struct State {
    pub manner: Manner,
    pub calls: Vec<Call>,
    /// Identifier to kind and bytes.
    pub waiting: BTreeMap<String, (String, Vec<u8>)>,
    /// Identifier and how it ended.
    pub ended: Vec<(String, String)>,
    held: Vec<TcpStream>,
}

/// The running gateway.
#[derive(Clone)]
pub struct Gateway {
    pub address: String,
    pub state: Arc<Mutex<State>>,
}

impl Gateway {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/XRoad/VPCP", listener.local_addr().unwrap());
        let state = State { manner: Manner::Well, calls: vec![], waiting: BTreeMap::new(), ended: vec![], held: vec![] };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, state }
    }

    pub fn behaves(&self, manner: Manner) {
        self.state.lock().unwrap().manner = manner;
    }

    pub fn holds(&self, id: &str, kind: &str, message: &str) {
        self.state.lock().unwrap().waiting.insert(id.to_owned(), (kind.to_owned(), message.as_bytes().to_vec()));
    }

    pub fn calls(&self, name: &str) -> Vec<Call> {
        self.state.lock().unwrap().calls.iter().filter(|call| call.name == name).cloned().collect()
    }

    pub fn ended(&self) -> Vec<(String, String)> {
        self.state.lock().unwrap().ended.clone()
    }
}

/// One call for each connection: the next one is told apart by its own.
fn serve(stream: TcpStream, shared: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    if reader.read_line(&mut first).is_err() || first.is_empty() {
        return;
    }
    let name = first.split(' ').nth(1).and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((key, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(key.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut state = shared.lock().unwrap();
    state.calls.push(Call { name: name.clone(), headers, body: body.clone() });
    answer(stream, &mut state, &name, &body);
}

fn answer(mut stream: TcpStream, state: &mut State, name: &str, body: &[u8]) {
    let head = |status: u16, kind: &str, length: usize| {
        format!("HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")
    };
    let send = |mut stream: &TcpStream, status: u16, kind: &str, bytes: &[u8]| {
        let _ = stream.write_all(head(status, kind, bytes.len()).as_bytes()).and_then(|()| stream.write_all(bytes));
    };
    match state.manner {
        Manner::Well => {
            let (kind, bytes) = well(state, name, body);
            send(&stream, 200, kind, &bytes);
        }
        Manner::Status(status) => send(&stream, status, "text/plain", b"no"),
        Manner::Refuses => send(&stream, 200, "application/json", br#"{"status":"FAIL","ErrorCode":"12","ErrorDesc":"Sai\nma"}"#),
        Manner::Page => send(&stream, 200, "text/html", b"<html>"),
        Manner::Silent => state.held.push(stream),
        Manner::Stuck => {
            let _ = stream.write_all(head(200, "application/json", 1000).as_bytes()).and_then(|()| stream.write_all(b"{"));
            state.held.push(stream);
        }
        Manner::Broken => drop(stream.write_all(head(200, "application/json", 1000).as_bytes())),
        Manner::Endless => {
            std::thread::spawn(move || {
                let _ = stream.write_all(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n");
                while stream.write_all(&[b'x'; 65536]).is_ok() {}
            });
        }
    }
}

fn well(state: &mut State, name: &str, body: &[u8]) -> (&'static str, Vec<u8>) {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let id = asked["docId"].as_str().unwrap_or_default().to_owned();
    let mut answer = json!({"status": "OK", "ErrorCode": "0", "ErrorDesc": ""});
    match name {
        "getReceivedEdocList" => {
            let of_kind = state.waiting.iter().filter(|(_, (kind, _))| asked["messagetype"] == *kind);
            answer["data"] = of_kind.map(|(id, _)| json!({"docId": id})).collect();
        }
        "getEdoc" => {
            let (kind, bytes) = &state.waiting[&id];
            if kind == "status" {
                return ("application/octet-stream", bytes.clone());
            }
            answer["data"] = json!(data_encoding::BASE64.encode(bytes));
        }
        "updateStatus" => {
            state.waiting.remove(&id);
            state.ended.push((id, asked["status"].as_str().unwrap().to_owned()));
        }
        _ => {}
    }
    ("application/json", answer.to_string().into_bytes())
}
