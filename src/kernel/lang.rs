//! The two languages in which the product speaks to people.

text_enum! {
    /// The language of a text: Vietnamese unless the reader asks for English.
    #[derive(Default)]
    Lang {
        /// Tiếng Việt.
        #[default]
        Vi = "vi",
        /// English.
        En = "en",
    }
}

impl Lang {
    /// Picks one of two texts.
    #[must_use]
    pub const fn pick<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }
}

/// What JSON calls a kind of value, in Vietnamese.
#[must_use]
pub fn json_kind_in_vietnamese(kind: &str) -> &str {
    match kind {
        "string" => "chuỗi ký tự",
        "integer" => "số nguyên",
        "number" => "số",
        "boolean" => "true hoặc false",
        "object" => "đối tượng JSON",
        "array" => "danh sách JSON",
        other => other,
    }
}
