//! Why a message cannot be read: a word for programs and never a piece of the message, which may hold a person's data.

/// What is wrong with a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EdxmlProblem {
    /// Larger than allowed.
    #[error("too_large: more than {0} bytes")]
    TooLarge(usize),
    /// No text in UTF-8.
    #[error("not_utf8: the message is no UTF-8 text")]
    NotUtf8,
    /// No well-formed XML.
    #[error("not_xml: malformed at byte {0}")]
    NotXml(u64),
    /// It ends in the middle.
    #[error("cut_off: the message ends in the middle")]
    CutOff,
    /// A document type, with which entities could be defined.
    #[error("dtd: document types are refused")]
    Dtd,
    /// An entity that XML does not define itself.
    #[error("unknown_entity: an entity that XML does not define is refused")]
    UnknownEntity,
    /// Nested too deeply.
    #[error("too_deep: more than {0} levels")]
    TooDeep(usize),
    /// Too many elements or attributes.
    #[error("too_many: more than {0} elements or attributes")]
    TooMany(usize),
    /// Another root than `edXML`.
    #[error("not_edxml: the root is not edXML")]
    NotEdxml,
    /// A field without which the message says nothing.
    #[error("missing: there is no {0}")]
    Missing(&'static str),
    /// An attachment whose bytes are no base64.
    #[error("bad_base64: attachment {0} is no base64")]
    BadBase64(usize),
    /// An attachment that says it is packed and cannot be unpacked.
    #[error("bad_zip: attachment {0} cannot be unpacked")]
    BadZip(usize),
    /// An attachment that grows beyond the limits when it is unpacked.
    #[error("zip_bomb: attachment {0} grows too large when it is unpacked")]
    ZipBomb(usize),
}

impl EdxmlProblem {
    /// Stable code for programs.
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
