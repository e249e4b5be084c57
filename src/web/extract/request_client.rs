//! The address and device of the client of a request.
//!
//! Rule: `X-Forwarded-For` is trusted only from the configured proxies, from right to left, up to the first
//! address that is not one of them: the client may have forged everything to the left of it.

use super::app::app_data;
use crate::app::App;
use crate::kernel::client_address::{ClientAddress, ClientInfo};
use crate::web::Problem;
use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName, USER_AGENT};
use actix_web::{FromRequest, HttpRequest};
use ipnet::IpNet;
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

const DEVICE_ID: HeaderName = HeaderName::from_static("x-device-id");

/// Longer device ids are ignored.
const LONGEST_DEVICE_ID: usize = 128;
/// Maximum number of characters kept of the user agent.
const LONGEST_DEVICE: usize = 120;

/// The trusted proxies.
#[derive(Debug, Clone, Copy)]
struct Proxies<'a>(&'a [IpNet]);

impl Proxies<'_> {
    fn contain(self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }

    /// Returns the client for a peer address and the headers.
    fn source(self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        if !self.contain(peer) {
            return ClientAddress::of(peer);
        }
        let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).filter_map(|value| value.to_str().ok()).collect();
        let named = lines.iter().rev().flat_map(|line| line.rsplit(',')).map(address);
        let mut nearest = peer;
        for address in named {
            // A trusted proxy sent an invalid address, so the previous one counts.
            let Some(address) = address else { break };
            nearest = address;
            if !self.contain(address) {
                break;
            }
        }
        ClientAddress::of(nearest)
    }
}

/// Parses one entry of the header, with or without a port.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bare = entry.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(entry, |(address, _)| address);
    bare.parse().ok().or_else(|| bare.rsplit_once(':')?.0.parse().ok())
}

/// Returns the client address, taking the trusted proxies into account.
pub fn client_address(request: &HttpRequest, app: &App) -> ClientAddress {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    Proxies(&app.config.trusted_proxies).source(peer, request.headers())
}

/// The client as a handler argument.
#[derive(Debug, Clone)]
pub struct RequestClient(pub ClientInfo);

impl FromRequest for RequestClient {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(app_data(request).map(|app| {
            let headers = request.headers();
            Self(ClientInfo { source: client_address(request, &app), device: device(headers), device_id: device_id(headers) })
        }))
    }
}

fn device(headers: &HeaderMap) -> Option<String> {
    let name = headers.get(USER_AGENT)?.to_str().ok()?.trim();
    Some(name.chars().take(LONGEST_DEVICE).collect()).filter(|name: &String| !name.is_empty())
}

fn device_id(headers: &HeaderMap) -> Option<String> {
    let name = headers.get(DEVICE_ID)?.to_str().ok()?.trim();
    Some(name.to_owned()).filter(|name| !name.is_empty() && name.len() <= LONGEST_DEVICE_ID)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn source(peer: &str, lines: &[&str]) -> ClientAddress {
        let networks: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        Proxies(&networks).source(peer.parse().unwrap(), &headers)
    }

    fn of(address: &str) -> ClientAddress {
        ClientAddress::of(address.parse().unwrap())
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed() {
        assert_eq!(source("14.162.0.9", &["1.2.3.4"]), of("14.162.0.9"));
        assert_eq!(source("10.1.1.1", &["14.162.0.9"]), of("14.162.0.9"));
        assert_eq!(source("::ffff:10.1.1.1", &["14.162.0.9"]), of("14.162.0.9"));
        assert_eq!(source("10.1.1.1", &[]), of("10.1.1.1"));
    }

    #[test]
    fn what_stands_left_of_the_first_stranger_is_hearsay() {
        assert_eq!(source("10.1.1.1", &["1.2.3.4, 14.162.0.9, 10.2.2.2"]), of("14.162.0.9"));
        assert_eq!(source("10.1.1.1", &["1.2.3.4", "14.162.0.9:4711, 10.2.2.2"]), of("14.162.0.9"));
        assert_eq!(source("10.1.1.1", &["1.2.3.4, rubbish, 10.2.2.2"]), of("10.2.2.2"));
        assert_eq!(source("::1", &["[2405:4802:1c:a1::17]:443"]), of("2405:4802:1c:a1::17"));
    }
}
