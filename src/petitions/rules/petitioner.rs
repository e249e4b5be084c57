//! Why somebody looks at who a petitioner is: personal data may be processed for a purpose only (Luật 91/2025/QH15), so each look names one.
//!
//! Closed words, because what an officer would write freely may tell of the petitioner again.

text_enum! {
    /// What an identity is looked at for.
    #[derive(Default)]
    LookPurpose {
        /// The case is being handled; what counts when nothing is said.
        #[default]
        Handling = "handling",
        /// To call or visit the person.
        Contact = "contact",
        /// To check what was said.
        Verification = "verification",
        /// To send the answer on paper.
        Reply = "reply",
        /// An authority asks for it by law.
        LegalRequest = "legal_request",
    }
}
