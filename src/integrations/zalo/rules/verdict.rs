//! The error codes of Zalo's interfaces as a table: enters a code, leaves what to do.
//!
//! Codes of messages (`/v3.0/oa/message/cs`) and of notices by phone number (ZNS) do not overlap but for 0 and -100. Rule: a code that
//! is not known is somebody's to look at, never a reason to send again.

/// What a code means for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Zalo took it.
    Taken,
    /// Not now; the same again later.
    Later,
    /// The access token is not good: a new one, then once more.
    Token,
    /// This person cannot be reached this way; the next channel's turn.
    NextChannel,
    /// Something is set up wrongly; nothing helps until somebody looks at it.
    Operator,
}

/// Refused because the refresh token was used before.
pub const REFRESH_TOKEN_USED: i64 = -14020;

/// Code, what it means, and its name in English as evidence shows it.
const TABLE: &[(i64, Verdict, &str)] = &[
    (0, Verdict::Taken, "success"),
    (-32, Verdict::Later, "rate limit"),
    (-100, Verdict::Later, "unknown error"),
    (-216, Verdict::Token, "access token invalid"),
    (REFRESH_TOKEN_USED, Verdict::Token, "refresh token used"),
    (-213, Verdict::NextChannel, "not a follower"),
    (-230, Verdict::NextChannel, "no interaction for 7 days"),
    (-108, Verdict::NextChannel, "phone invalid"),
    (-110, Verdict::NextChannel, "Zalo version of the receiver"),
    (-118, Verdict::NextChannel, "no Zalo account"),
    (-119, Verdict::NextChannel, "cannot receive"),
    (-101, Verdict::Operator, "app invalid"),
    (-102, Verdict::Operator, "app missing"),
    (-103, Verdict::Operator, "app not activated"),
    (-104, Verdict::Operator, "secret invalid"),
    (-105, Verdict::Operator, "app not linked to the OA"),
    (-106, Verdict::Operator, "method"),
    (-107, Verdict::Operator, "message id"),
    (-109, Verdict::Operator, "template id"),
    (-111, Verdict::Operator, "data empty"),
    (-112, Verdict::Operator, "data invalid"),
    // The tables of -201 to -207 differ by version; each is a mistake of ours, or a user that this OA cannot know.
    (-201, Verdict::Operator, "parameter, permission, message, OA, app or user"),
    (-202, Verdict::Operator, "parameter, permission, message, OA, app or user"),
    (-203, Verdict::Operator, "parameter, permission, message, OA, app or user"),
    (-204, Verdict::Operator, "parameter, permission, message, OA, app or user"),
    (-205, Verdict::Operator, "parameter, permission, message, OA, app or user"),
    (-206, Verdict::Operator, "parameter, permission, message, OA, app or user"),
    (-207, Verdict::Operator, "parameter, permission, message, OA, app or user"),
    (-224, Verdict::Operator, "the package of the OA lacks the feature"),
];

/// What to do about a code.
#[must_use]
pub fn of(code: i64) -> Verdict {
    TABLE.iter().find(|(known, ..)| *known == code).map_or(Verdict::Operator, |(_, verdict, _)| *verdict)
}

/// A code with its name, for the evidence; without anything that Zalo wrote, which may repeat a phone number.
#[must_use]
pub fn told(code: i64) -> String {
    match TABLE.iter().find(|(known, ..)| *known == code) {
        Some((_, _, name)) => format!("Zalo {code}: {name}"),
        None => format!("Zalo {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_code_is_known() {
        let notices = (-112..=-100).filter(|code| *code != -113);
        for code in notices.chain(-207..=-201).chain([0, -32, -118, -119, -213, -216, -224, -230, -14020]) {
            assert!(TABLE.iter().filter(|(known, ..)| *known == code).count() == 1, "{code}");
        }
        assert_eq!(of(-999), Verdict::Operator);
        assert_eq!(told(-216), "Zalo -216: access token invalid");
    }
}
