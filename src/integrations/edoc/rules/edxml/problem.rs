//! Why a message is unreadable: an error code, never a part of the message, which may contain personal data.

/// What is wrong with a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EdxmlProblem {
    /// Larger than allowed.
    #[error("too_large: more than {0} bytes")]
    TooLarge(usize),
    /// Not UTF-8.
    #[error("not_utf8: the message is no UTF-8 text")]
    NotUtf8,
    /// Not well-formed XML.
    #[error("not_xml: malformed at byte {0}")]
    NotXml(u64),
    /// Truncated.
    #[error("cut_off: the message ends in the middle")]
    CutOff,
    /// Has a DOCTYPE, which could define entities.
    #[error("dtd: document types are refused")]
    Dtd,
    /// Uses an entity that is not predefined in XML.
    #[error("unknown_entity: an entity that XML does not define is refused")]
    UnknownEntity,
    /// Nested too deeply.
    #[error("too_deep: more than {0} levels")]
    TooDeep(usize),
    /// Too many elements or attributes.
    #[error("too_many: more than {0} elements or attributes")]
    TooMany(usize),
    /// The root element is not `edXML`.
    #[error("not_edxml: the root is not edXML")]
    NotEdxml,
    /// A required field is missing.
    #[error("missing: there is no {0}")]
    Missing(&'static str),
    /// An attachment is not valid base64.
    #[error("bad_base64: attachment {0} is no base64")]
    BadBase64(usize),
    /// An attachment declared as an archive cannot be unpacked.
    #[error("bad_zip: attachment {0} cannot be unpacked")]
    BadZip(usize),
    /// An attachment exceeds the limits when unpacked.
    #[error("zip_bomb: attachment {0} grows too large when it is unpacked")]
    ZipBomb(usize),
}

impl EdxmlProblem {
    /// Returns the stable error code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "too_large",
            Self::NotUtf8 => "not_utf8",
            Self::NotXml(_) => "not_xml",
            Self::CutOff => "cut_off",
            Self::Dtd => "dtd",
            Self::UnknownEntity => "unknown_entity",
            Self::TooDeep(_) => "too_deep",
            Self::TooMany(_) => "too_many",
            Self::NotEdxml => "not_edxml",
            Self::Missing(_) => "missing",
            Self::BadBase64(_) => "bad_base64",
            Self::BadZip(_) => "bad_zip",
            Self::ZipBomb(_) => "zip_bomb",
        }
    }
}
