//! Reads and writes messages of the national document exchange (edXML, QCVN 102:2016/BTTTT).
//!
//! Enters: the bytes of an external message, or one of our own as [`message::EdxmlDocument`]; leaves: the other form.
//! Rules: [`read()`] is lenient, because real files differ from the regulation in known ways (prefixes, order, letter
//! case, junk before the root), but strict where leniency is dangerous: no DOCTYPE, no custom entities, limits on
//! everything that can grow. [`write()`] is strict, because receivers are.

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

/// The XML namespace of the regulation.
pub const NAMESPACE: &str = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

/// Size limits of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdxmlLimits {
    /// Maximum bytes of the whole message; gateways accept 50 MB.
    pub bytes: usize,
    /// Maximum bytes of all attachments after unpacking.
    pub unpacked_bytes: u64,
    /// Maximum compression ratio of an attachment.
    pub unpack_ratio: u64,
}

impl Default for EdxmlLimits {
    fn default() -> Self {
        Self { bytes: 50 * 1024 * 1024, unpacked_bytes: 200 * 1024 * 1024, unpack_ratio: 100 }
    }
}
