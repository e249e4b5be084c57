//! A way to the PostgreSQL server that a test can cut.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Listens on a port of its own and passes everything on, unless it is cut.
pub struct Proxy {
    port: u16,
    cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    /// A proxy before a server, given as `host:port`.
    pub fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), cut: Arc::default(), open: Arc::default() };
        let (server, cut, open) = (server.to_owned(), Arc::clone(&proxy.cut), Arc::clone(&proxy.open));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if cut.load(Ordering::SeqCst) {
                    continue;
                }
                let upstream = TcpStream::connect(&server).unwrap();
                open.lock().unwrap().extend([client.try_clone().unwrap(), upstream.try_clone().unwrap()]);
                pass_on(client.try_clone().unwrap(), upstream.try_clone().unwrap());
                pass_on(upstream, client);
            }
        });
        proxy
    }

    /// The port to connect to.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Ends every connection and accepts no other, or accepts them again.
    pub fn set_cut(&self, cut: bool) {
        self.cut.store(cut, Ordering::SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length) = from.read(&mut buffer) {
            if length == 0 || to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
