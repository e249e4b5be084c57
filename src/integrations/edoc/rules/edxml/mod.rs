//! Messages of the national document exchange (edXML, QCVN 102:2016/BTTTT): what they say, how they are written and read.
//!
//! Enters bytes from another system or a [`message::EdxmlDocument`] of ours, leaves the other. Rules: [`read()`] is lenient, because real
//! files differ from the regulation in ways that are known (prefixes, order, letter case, junk before the root), and strict
//! where leniency would hurt: no document type, no entities of a file's own, limits on everything that can grow. [`write()`] is
//! strict, because receivers are.

pub mod attachment;
pub mod canonical;
pub mod message;
pub mod organ_id;
pub mod problem;
mod public_key;
pub(in crate::integrations::edoc) mod read;
pub mod signature;
pub mod status_code;
pub mod tree;
pub(in crate::integrations::edoc) mod write;

pub use problem::EdxmlProblem;
pub use read::read;
pub use write::write;

/// The namespace of the regulation.
pub const NAMESPACE: &str = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

/// How much of a message is read before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdxmlLimits {
    /// Bytes of the whole message; gateways take 50 MB.
    pub bytes: usize,
    /// Bytes of all attachments after unpacking.
    pub unpacked_bytes: u64,
    /// How many times larger an attachment may get by unpacking.
    pub unpack_ratio: u64,
}

impl Default for EdxmlLimits {
    fn default() -> Self {
        Self { bytes: 50 * 1024 * 1024, unpacked_bytes: 200 * 1024 * 1024, unpack_ratio: 100 }
    }
}
