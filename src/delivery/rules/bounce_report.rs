//! Parses bounce mails (RFC 3464). Enters: the mail. Leaves: which e-mail it is about and whether that is lost.
//!
//! Rule: only a report with `Action: failed` counts. Out-of-office replies and reports of servers that are still
//! retrying arrive at the same address.

/// Separates the return address from the suffix that identifies the e-mail.
const MARK: char = '+';

/// Returns whether a mail server has given up on the e-mail.
#[must_use]
pub fn is_given_up(mail: &str) -> bool {
    mail.lines().any(|line| {
        let Some((name, value)) = line.split_once(':') else { return false };
        name.trim().eq_ignore_ascii_case("action") && value.trim().eq_ignore_ascii_case("failed")
    })
}

/// Returns the suffix after the mark in a return address such as `tra-lai+BN26-….1.5f…@bacninh.gov.vn`.
#[must_use]
pub fn named(address: &str) -> Option<&str> {
    let (local, _) = address.trim().trim_start_matches('<').split_once('@')?;
    local.split_once(MARK).map(|(_, name)| name).filter(|name| !name.is_empty())
}

/// Returns the recipient addresses in the headers of a mail, in order.
pub fn addressed_to(mail: &str) -> impl Iterator<Item = &str> {
    let head = mail.lines().take_while(|line| !line.trim().is_empty());
    let words = head.flat_map(|line| line.split([' ', '\t', ',', ';', ':', '<', '>', '"']));
    words.filter(|word| word.contains('@') && word.contains(MARK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_its_letter_and_says_whether_it_is_lost() {
        let report = "From: MAILER-DAEMON@mx.vn\nTo: <tra-lai+BN26-7K3QX9-C.1.5f00@bacninh.gov.vn>\n\nReporting-MTA: dns;mx\n\nAction: failed\nStatus: 5.1.1\n";
        assert!(is_given_up(report) && is_given_up(&report.replace("Action: failed", "action:  FAILED")));
        assert!(!is_given_up(&report.replace("failed", "delayed")) && !is_given_up("To: a@b.vn\n\nTôi đang nghỉ phép."));
        let found: Vec<_> = addressed_to(report).filter_map(named).collect();
        assert_eq!(found, ["BN26-7K3QX9-C.1.5f00"]);
        assert_eq!(named("tra-lai@bacninh.gov.vn"), None);
        assert_eq!(named("tra-lai+@bacninh.gov.vn"), None);
        assert_eq!(named("+"), None);
    }
}
