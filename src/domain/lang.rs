//! The two languages in which the product speaks to people.

text_enum! {
    /// The language of a text: Vietnamese unless the reader asks for English.
    Lang {
        /// Tiếng Việt.
        Vi = "vi",
        /// English.
        En = "en",
    }
}

impl Default for Lang {
    fn default() -> Self {
        Self::Vi
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
