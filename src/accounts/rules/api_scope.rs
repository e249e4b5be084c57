//! The scopes of API keys with which other systems file and follow petitions.

text_enum! {
    /// What a key opens.
    ApiScope {
        /// Filing at the Open311 endpoint.
        Open311 = "open311",
        /// The two-way exchange of petitions.
        Partner = "exchange",
    }
}
