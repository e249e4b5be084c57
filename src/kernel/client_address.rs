//! From where a request comes: the address of a computer, or the network of one.
//!
//! Rule: an IPv6 address stands for its /64, because one household has that many; an IPv4 address stands for itself.

use std::net::IpAddr;

/// The source of a request, as limits count it. Personal data: for counting, never for a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientAddress(String);

impl ClientAddress {
    /// Of an address.
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

    /// The network of /48 around an IPv6 source, of which whoever has one has 65,536; none of IPv4.
    #[must_use]
    pub fn around(&self) -> Option<Self> {
        let (network, _) = self.0.strip_suffix("::/64")?.rsplit_once(':')?;
        Some(Self(format!("{network}::/48")))
    }

    /// Of whoever works at the machine itself.
    #[must_use]
    pub fn operator() -> Self {
        Self("operator".to_owned())
    }

    /// As it is counted.
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

/// Who stands at the door, as far as anybody can tell before they say who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientInfo {
    /// From where.
    pub source: ClientAddress,
    /// What the program calls itself, for its owner's list of sessions.
    pub device: Option<String>,
    /// The name that the program has given its installation (`X-Device-Id`). Personal data: for comparing, never for a log.
    pub device_id: Option<String>,
}

impl ClientInfo {
    /// Whoever works at the machine itself.
    #[must_use]
    pub fn operator() -> Self {
        Self { source: ClientAddress::operator(), device: None, device_id: None }
    }

    /// By what the program is known again: the name of its installation, otherwise what it calls itself.
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
