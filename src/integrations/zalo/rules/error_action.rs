//! The error codes of Zalo's interfaces as a table: enters a code, leaves what to do.
//!
//! Codes of messages (`/v3.0/oa/message/cs`) and of notices by phone number (ZNS) do not overlap but for 0 and -100. Rule: a code that
//! is not known is somebody's to look at, never a reason to send again.

/// What a code means for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorAction {
    /// Zalo took it.
    Accepted,
    /// Not now; the same again later.
    Retry,
    /// The access token is not good: a new one, then once more.
    RefreshToken,
    /// This person cannot be reached this way; the next channel's turn.
    NextChannel,
    /// Something is set up wrongly; nothing helps until somebody looks at it.
    Operator,
}

/// Refused because the refresh token was used before.
pub const REFRESH_TOKEN_USED: i64 = -14020;

/// Code, what it means, and its name in English as evidence shows it.
const TABLE: &[(i64, ErrorAction, &str)] = &[
    (0, ErrorAction::Accepted, "success"),
    (-32, ErrorAction::Retry, "rate limit"),
    (-100, ErrorAction::Retry, "unknown error"),
    (-216, ErrorAction::RefreshToken, "access token invalid"),
    (REFRESH_TOKEN_USED, ErrorAction::RefreshToken, "refresh token used"),
    (-213, ErrorAction::NextChannel, "not a follower"),
    (-230, ErrorAction::NextChannel, "no interaction for 7 days"),
    (-108, ErrorAction::NextChannel, "phone invalid"),
    (-110, ErrorAction::NextChannel, "Zalo version of the receiver"),
    (-118, ErrorAction::NextChannel, "no Zalo account"),
    (-119, ErrorAction::NextChannel, "cannot receive"),
    (-101, ErrorAction::Operator, "app invalid"),
    (-102, ErrorAction::Operator, "app missing"),
    (-103, ErrorAction::Operator, "app not activated"),
    (-104, ErrorAction::Operator, "secret invalid"),
    (-105, ErrorAction::Operator, "app not linked to the OA"),
    (-106, ErrorAction::Operator, "method"),
    (-107, ErrorAction::Operator, "message id"),
    (-109, ErrorAction::Operator, "template id"),
    (-111, ErrorAction::Operator, "data empty"),
    (-112, ErrorAction::Operator, "data invalid"),
    // The tables of -201 to -207 differ by version; each is a mistake of ours, or a user that this OA cannot know.
    (-201, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-202, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-203, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-204, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-205, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-206, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-207, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-224, ErrorAction::Operator, "the package of the OA lacks the feature"),
];

/// What to do about a code.
#[must_use]
pub fn of(code: i64) -> ErrorAction {
    TABLE.iter().find(|(known, ..)| *known == code).map_or(ErrorAction::Operator, |(_, verdict, _)| *verdict)
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
        assert_eq!(of(-999), ErrorAction::Operator);
        assert_eq!(told(-216), "Zalo -216: access token invalid");
    }
}
