//! Identifies the client of a request by network address, for rate limits.
//!
//! Rule: an IPv6 address counts as its /64, because one household gets a whole /64; an IPv4 address counts as
//! itself.

use std::net::IpAddr;

/// The client address as rate limits count it. Personal data: only for counting, never logged.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientAddress(String);

impl ClientAddress {
    /// Returns the counted form of an IP address; an IPv4-mapped IPv6 address counts as IPv4.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.to_string()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self(format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"))
            }
        }
    }

    /// Returns the /48 around an IPv6 source, because the owner of a /48 has 65,536 /64 networks; `None` for IPv4.
    #[must_use]
    pub fn around(&self) -> Option<Self> {
        let (network, _) = self.0.strip_suffix("::/64")?.rsplit_once(':')?;
        Some(Self(format!("{network}::/48")))
    }

    /// Returns the source of commands run on the server itself.
    #[must_use]
    pub fn operator() -> Self {
        Self("operator".to_owned())
    }

    /// Returns the text that is used as the counter key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Source(…)")
    }
}

/// What is known about a client before it signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientInfo {
    pub source: ClientAddress,
    /// The `User-Agent`, shown in the owner's list of sessions.
    pub device: Option<String>,
    /// The installation id from `X-Device-Id`. Personal data: only for comparison, never logged.
    pub device_id: Option<String>,
}

impl ClientInfo {
    /// Returns the client for commands run on the server itself.
    #[must_use]
    pub fn operator() -> Self {
        Self { source: ClientAddress::operator(), device: None, device_id: None }
    }

    /// Returns the key that recognises the same client program again: the device id if present, otherwise the user
    /// agent.
    #[must_use]
    pub fn program(&self) -> String {
        match (&self.device_id, &self.device) {
            (Some(id), _) => format!("id\n{id}"),
            (None, Some(device)) => format!("agent\n{device}"),
            (None, None) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_a_household_is_one_source() {
        let source = |address: &str| ClientAddress::of(address.parse().unwrap());
        assert_eq!(source("2405:4802:1c:a1::17"), source("2405:4802:1c:a1:ffff::1"));
        assert_ne!(source("2405:4802:1c:a1::17"), source("2405:4802:1c:a2::17"));
        assert_eq!(source("::ffff:14.162.0.9"), source("14.162.0.9"));
        assert_ne!(source("14.162.0.9"), source("14.162.0.8"));
        let around = |address: &str| source(address).around().map(|it| it.as_str().to_owned());
        assert_eq!(around("2405:4802:1c:a1::17").as_deref(), Some("2405:4802:1c::/48"));
        assert_eq!(around("2405:4802:1c:a1::17"), around("2405:4802:1c:ffff::1"));
        assert_eq!((around("14.162.0.9"), around("::ffff:14.162.0.9")), (None, None));
    }
}
