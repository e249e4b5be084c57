//! A minimal HTTP/1.1 client on one persistent connection, cheap enough that a benchmark measures the server.
//!
//! Takes method, path, headers and body; returns status and body. A broken connection is an error for the caller,
//! who knows whether the server was meant to be killed.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary and benchmark uses its own part")]

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A timeout longer than any response of a live server, including a minute of waiting for its database.
const PATIENCE: Duration = Duration::from_secs(300);

/// One connection.
pub struct Wire {
    stream: TcpStream,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
}

/// A response of the server.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// The body as received.
    pub body: Vec<u8>,
}

impl Reply {
    /// Returns the body as text; panics unless the response has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> String {
        let text = String::from_utf8(self.body).expect("a text");
        assert_eq!(self.status, status, "{text}");
        text
    }
}

impl Wire {
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, outgoing: Vec::new(), incoming: Vec::new() })
    }

    /// Sends a GET.
    pub fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<Reply> {
        self.request("GET", path, headers, "")
    }

    /// Sends a GET with a timeout.
    pub fn get_within(&mut self, path: &str, patience: Duration) -> Result<Reply> {
        self.stream.set_read_timeout(Some(patience))?;
        self.get(path, &[])
    }

    /// Sends JSON.
    pub fn post(&mut self, path: &str, headers: &[(&str, &str)], json: &str) -> Result<Reply> {
        self.request("POST", path, headers, json)
    }

    /// Sends bytes of any media type.
    pub fn send(&mut self, path: &str, media_type: &str, content: &[u8]) -> Result<Reply> {
        let length = content.len();
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: pakn\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n");
        self.stream.write_all(head.as_bytes())?;
        self.stream.write_all(content)?;
        self.read()
    }

    fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Result<Reply> {
        self.outgoing.clear();
        write!(self.outgoing, "{method} {path} HTTP/1.1\r\nHost: pakn\r\n")?;
        for (name, value) in headers {
            write!(self.outgoing, "{name}: {value}\r\n")?;
        }
        if !body.is_empty() {
            write!(self.outgoing, "Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())?;
        }
        write!(self.outgoing, "\r\n{body}")?;
        self.stream.write_all(&self.outgoing)?;
        self.read()
    }

    fn read(&mut self) -> Result<Reply> {
        self.incoming.clear();
        let head = loop {
            if let Some(end) = self.incoming.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            self.receive()?;
        };
        let text = String::from_utf8_lossy(&self.incoming[..head]).to_ascii_lowercase();
        let malformed = || Error::new(ErrorKind::InvalidData, "the answer is no HTTP that this client understands");
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(malformed)?;
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.and_then(|word| word.trim().parse().ok()).ok_or_else(malformed)?;
        while self.incoming.len() < head + length {
            self.receive()?;
        }
        Ok(Reply { status, body: self.incoming[head..head + length].to_vec() })
    }

    fn receive(&mut self) -> Result<()> {
        let mut chunk = [0; 16 * 1024];
        match self.stream.read(&mut chunk)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            count => {
                self.incoming.extend_from_slice(&chunk[..count]);
                Ok(())
            }
        }
    }
}
