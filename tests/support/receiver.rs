//! An HTTP server on 127.0.0.1 that records requests and responds as configured: slowly, wrongly or not at all.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// One received request.
#[derive(Debug, Clone)]
pub struct Received {
    /// Method and path.
    pub target: String,
    /// Headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// The response to send.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A status and a body.
    Status(u16, String),
    /// 200 and bytes.
    Bytes(Vec<u8>),
    /// Closes the connection without a response.
    HangUp,
    /// Sends nothing until the client times out.
    Silence,
}

type Behaviour = dyn Fn(usize, &Received) -> Reply + Send + Sync;

/// The server; its thread ends with the process.
#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    count: watch::Receiver<usize>,
}

impl Receiver {
    /// Starts it; the function decides the response to request number 0, 1, 2 …
    pub fn start(behaviour: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (counted, count) = watch::channel(0);
        let receiver = Self { address: listener.local_addr().expect("its address"), received: Arc::default(), count };
        let (received, behaviour): (_, Arc<Behaviour>) = (Arc::clone(&receiver.received), Arc::new(behaviour));
        let counted = Arc::new(counted);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (received, behaviour, counted) = (Arc::clone(&received), Arc::clone(&behaviour), Arc::clone(&counted));
                std::thread::spawn(move || {
                    let _ = answer(&stream, &received, &counted, &*behaviour);
                });
            }
        });
        receiver
    }

    /// Starts one that accepts everything.
    pub fn willing() -> Self {
        Self::start(|_, _| Reply::Status(204, String::new()))
    }

    /// Returns a URL on it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns all requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("nobody panicked").clone()
    }

    /// Waits until this many requests have arrived.
    pub async fn until(&self, count: usize) {
        self.count.clone().wait_for(|so_far| *so_far >= count).await.expect("its thread lives");
    }
}

impl Received {
    /// Returns a header; empty if missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

fn answer(
    stream: &TcpStream,
    received: &Mutex<Vec<Received>>,
    counted: &watch::Sender<usize>,
    behaviour: &Behaviour,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(());
    }
    let target = line.rsplit_once(' ').map_or("", |(target, _)| target).to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request = Received { target, headers, body: String::from_utf8_lossy(&body).into_owned() };
    let number = {
        let mut received = received.lock().expect("nobody panicked");
        received.push(request.clone());
        counted.send_replace(received.len());
        received.len() - 1
    };
    let (status, body) = match behaviour(number, &request) {
        Reply::Status(status, body) => (status, body.into_bytes()),
        Reply::Bytes(body) => (200, body),
        Reply::HangUp => return Ok(()),
        Reply::Silence => return reader.read(&mut [0]).map(drop),
    };
    let length = body.len();
    let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    (&*stream).write_all(&[head.as_bytes(), &body].concat())?;
    Ok(())
}
