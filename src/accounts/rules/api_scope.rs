//! Other systems that file and follow petitions with a key of their own.

text_enum! {
    /// What a key opens.
    ApiScope {
        /// Filing at the Open311 endpoint.
        Open311 = "open311",
        /// The two-way exchange of petitions.
        Partner = "exchange",
    }
}
