//! HTTP client for calls to other systems: short timeouts, no redirects, and no access to private networks.
//!
//! Otherwise an administrator, or someone with an administrator's password, could make the server post to internal
//! services that trust their own network (OWASP: server-side request forgery).

use crate::config::ConfigError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Timeout of a whole call.
const PATIENCE: Duration = Duration::from_secs(15);
/// Timeout for connecting.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// DNS resolver that drops every address outside the public internet.
#[derive(Debug, Clone, Copy)]
pub struct PublicOnlyResolver;

impl Resolve for PublicOnlyResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found.into_iter().filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("no public address".into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

/// IPv4 networks that are not public (IANA special-purpose address registry; multicast, class E).
const INSIDE_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    (Ipv4Addr::BROADCAST, 32),
];

/// Networks within global IPv6 unicast that are not public or that tunnel to an IPv4 address: protocol assignments
/// including Teredo, documentation, 6to4.
const INSIDE_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// The part of IPv6 that the public internet uses.
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// IPv4 addresses behind a NAT64 translator (RFC 6052), as DNS64 makes them.
const TRANSLATED: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Whether an address is on the public internet, however an IPv4 address is embedded in an IPv6 one.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let lies_in = |(network, bits): &(Ipv4Addr, u32)| u32::from(address) >> (32 - bits) == u32::from(*network) >> (32 - bits);
    !INSIDE_V4.iter().any(lies_in)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let lies_in = |(network, bits): &(Ipv6Addr, u32)| u128::from(address) >> (128 - bits) == u128::from(*network) >> (128 - bits);
    let [.., first, second, third, fourth] = address.octets();
    let embedded = Ipv4Addr::new(first, second, third, fourth);
    if address.to_ipv4_mapped().is_some() || lies_in(&TRANSLATED) {
        return is_public_v4(embedded);
    }
    // ISATAP (RFC 5214) puts the IPv4 address at the end of any prefix.
    let [.., universal, isatap, _, _] = address.segments();
    let is_tunnel = universal & !0x0200 == 0 && isatap == 0x5efe;
    lies_in(&GLOBAL_UNICAST) && !INSIDE_V6.iter().any(lies_in) && (!is_tunnel || is_public_v4(embedded))
}

/// Whether a host name can only be internal: without a dot, or under a reserved top-level name (RFC 6761, 6762,
/// ICANN's `internal`). A trailing root dot is ignored.
pub(super) fn is_inside_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let last = host.rsplit('.').next().unwrap_or_default();
    !host.contains('.')
        || ["localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp"].contains(&last)
        || host.ends_with(".home.arpa")
}

/// Builds a client; `allow_private` is for tests and for provinces whose systems are in the same network.
///
/// # Errors
/// When the system's certificates cannot be read.
pub fn client(allow_private: bool) -> Result<reqwest::Client, ConfigError> {
    // Fails if a provider is already installed, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .connect_timeout(CONNECT_PATIENCE)
        .no_proxy()
        .user_agent(concat!("pakn/", env!("CARGO_PKG_VERSION")));
    let builder = if allow_private { builder } else { builder.dns_resolver(Arc::new(PublicOnlyResolver)) };
    builder.build().map_err(|error| ConfigError::unusable("outgoing calls", &error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{is_inside_name, is_public};

    const INSIDE: &str = "127.0.0.1 127.255.255.254 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 100.127.255.255 \
        0.0.0.0 0.1.2.3 192.0.0.8 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 \
        239.255.255.255 240.0.0.1 255.255.255.255 ::1 :: fe80::1 febf::1 fec0::1 fc00::1 fd00::1 ff02::1 100::1 \
        ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 ::1.1.1.1 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe \
        64:ff9b:1::1.1.1.1 2002:7f00:1:: 2002:a00:1::1 2002:c0a8:101:: 2001::1 2001:0:4136:e378:8000:63bf:f5ff:fffe 2001:2::1 \
        2001:10::1 2001:20::1 2001:db8::1 3fff::1 4000::1 5f00::1 2400:3000::5efe:10.0.0.1 2400:3000::200:5efe:192.168.1.1";
    const OUTSIDE: &str = "1.1.1.1 203.162.4.190 100.128.0.1 172.32.0.1 192.0.1.1 198.20.0.1 223.255.255.254 2001:4860:4860::8888 2400:cb00::1 \
        2a00:1450::1 ::ffff:1.1.1.1 64:ff9b::1.1.1.1 2001:ee0::1";

    #[test]
    fn our_own_network_is_not_public() {
        for inside in INSIDE.split_whitespace() {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in OUTSIDE.split_whitespace() {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn names_of_our_own_machines_are_known() {
        for inside in [
            "localhost",
            "localhost.",
            "LOCALHOST..",
            "a.localhost",
            "a.localhost.",
            "db",
            "db.",
            "ioc.local",
            "x.internal",
            "nas.home.arpa",
            "localhost.localdomain",
            "",
        ] {
            assert!(is_inside_name(inside), "{inside}");
        }
        for outside in ["ioc.bacninh.gov.vn", "ioc.bacninh.gov.vn.", "localhost.vn", "local.example.com"] {
            assert!(!is_inside_name(outside), "{outside}");
        }
    }
}
