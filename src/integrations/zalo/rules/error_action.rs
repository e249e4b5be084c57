//! Table of Zalo's API error codes. Enters: a code. Leaves: what to do.
//!
//! The codes of messages (`/v3.0/oa/message/cs`) and of ZNS notifications overlap only in 0 and -100. Rule: an
//! unknown code needs an operator and is never a reason to resend.

/// What to do about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorAction {
    /// Zalo accepted the message.
    Accepted,
    /// Temporary failure; retry later.
    Retry,
    /// The access token is invalid: get a new one and retry once.
    RefreshToken,
    /// This person cannot be reached by this channel; try the next one.
    NextChannel,
    /// Configuration error; needs an operator.
    Operator,
}

/// The refresh token has already been used.
pub const REFRESH_TOKEN_USED: i64 = -14020;

/// Code, action, and English name for the stored attempts.
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
    // The documentation of -201 to -207 differs by version; each is an error of ours, or a user unknown to this OA.
    (-201, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-202, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-203, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-204, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-205, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-206, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-207, ErrorAction::Operator, "parameter, permission, message, OA, app or user"),
    (-224, ErrorAction::Operator, "the package of the OA lacks the feature"),
];

/// Returns what to do about a code.
#[must_use]
pub fn of(code: i64) -> ErrorAction {
    TABLE.iter().find(|(known, ..)| *known == code).map_or(ErrorAction::Operator, |(_, verdict, _)| *verdict)
}

/// Returns a code with its name for the stored attempts, without Zalo's text, which may contain a phone number.
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
