//! Validation of the listener settings.

use super::{Config, ConfigFaults};
use std::net::SocketAddr;

/// More zero bits would keep a slow phone busy for minutes.
const MOST_CHALLENGE_BITS: u32 = 26;

impl Config {
    pub(super) fn check_listeners(&self, faults: &mut ConfigFaults) {
        let doors = [("listen", &self.listen), ("admin_listen", &self.admin_listen)];
        for (key, _) in doors.iter().filter(|(_, address)| !has_port(address)) {
            faults.unusable(key, "must be an address with a port, as 127.0.0.1:8080");
        }
        if self.tls_certificate_file.is_some() != self.tls_key_file.is_some() {
            faults.unusable("tls_key_file", "is needed with tls_certificate_file, and the other way round");
        }
        if self.event_heartbeat_seconds == 0 {
            faults.unusable("event_heartbeat_seconds", "must be at least 1");
        }
        if self.guest_challenge_bits > MOST_CHALLENGE_BITS {
            faults.unusable("guest_challenge_bits", "must be at most 26");
        }
        let is_origin = |origin: &&String| {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            origin.as_str() == "*" || host.is_some_and(|host| !host.is_empty() && !host.contains('/'))
        };
        if !self.cors_origins.iter().all(|origin| is_origin(&origin)) {
            faults.unusable("cors_origins", "must be origins such as https://pakn.bacninh.gov.vn, without a path");
        }
        let is_contact = |contact: &String| ["mailto:", "https://", "tel:"].iter().any(|kind| contact.starts_with(kind));
        if !self.security_contact.iter().all(is_contact) {
            faults.unusable("security_contact", "must begin with mailto:, https:// or tel:");
        }
    }
}

/// Returns whether the address is a host with a port; whether a name resolves only shows when the server
/// binds.
fn has_port(address: &str) -> bool {
    let is_name = |(host, port): (&str, &str)| !host.is_empty() && !host.contains(':') && port.parse::<u16>().is_ok();
    address.parse::<SocketAddr>().is_ok() || address.rsplit_once(':').is_some_and(is_name)
}
