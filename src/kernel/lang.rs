//! The two languages of messages to people: Vietnamese (default) and English.

text_enum! {
    /// The language of a text.
    #[derive(Default)]
    Lang {
        #[default]
        Vi = "vi",
        En = "en",
    }
}

impl Lang {
    /// Returns the text in this language.
    #[must_use]
    pub const fn pick<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }
}

/// Returns the Vietnamese name of a JSON type.
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
