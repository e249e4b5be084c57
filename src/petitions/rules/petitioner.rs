//! The purpose of an identity access: personal data may be processed only for a purpose (Luật 91/2025/QH15), so each
//! access names one.
//!
//! A closed list, because free text written by an officer could itself contain personal data.

text_enum! {
    /// The purpose of an identity access.
    #[derive(Default)]
    LookPurpose {
        /// Handling the case; the default.
        #[default]
        Handling = "handling",
        /// To call or visit the person.
        Contact = "contact",
        /// To check what the petitioner stated.
        Verification = "verification",
        /// To send the answer on paper.
        Reply = "reply",
        /// An authority requests it by law.
        LegalRequest = "legal_request",
    }
}
