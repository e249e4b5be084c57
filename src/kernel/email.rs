//! An e-mail address: parses user input into a plausible address in lower case, because it is a login name.
//!
//! A Vietnamese domain (`bắcninh.vn`) is stored in its ASCII form (`xn--…`), so that both spellings are equal.

use crate::kernel::field_problem::FieldRule;
use crate::kernel::invisible::is_invisible;
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;

const EXAMPLE: &str = "an.nguyen@example.vn";

checked_text! {
    /// A plausible e-mail address of at most 254 characters (RFC 5321), in lower case.
    private Email, "an.nguyen@example.vn"
}

impl FromStr for Email {
    type Err = FieldRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seen: String = text.nfkc().filter(|c| !is_invisible(*c)).collect();
        let address = seen.trim().to_lowercase();
        if address.is_empty() {
            return Err(FieldRule::Required);
        }
        if address.chars().count() > 254 {
            return Err(FieldRule::TooLong(254));
        }
        match address.rsplit_once('@') {
            Some((local, domain)) if is_local(local) => {
                let domain = in_ascii(domain).filter(|domain| is_domain(domain)).ok_or(FieldRule::Malformed(EXAMPLE))?;
                Ok(Self(format!("{local}@{domain}")))
            }
            _ => Err(FieldRule::Malformed(EXAMPLE)),
        }
    }
}

/// Domains of the same mail provider, which ignores dots in the local part.
const WITHOUT_DOTS: &[&str] = &["gmail.com", "googlemail.com"];

/// Returns the mailbox that an address delivers to, for rate limits only: never for sending and never for telling
/// accounts apart. A part after a plus sign reaches the same person; a minus sign is part of many names.
#[must_use]
pub fn mailbox(address: &str) -> String {
    let address = address.to_lowercase();
    let Some((local, domain)) = address.rsplit_once('@') else { return address };
    let name = local.split('+').next().unwrap_or(local);
    if WITHOUT_DOTS.contains(&domain) {
        return format!("{}@gmail.com", name.replace('.', ""));
    }
    format!("{name}@{domain}")
}

/// Converts a domain to ASCII (IDNA); `None` when it contains characters not allowed in domains.
fn in_ascii(domain: &str) -> Option<String> {
    let is_whole = |label: &str| !label.starts_with('-') && !label.ends_with('-');
    match domain.is_ascii() {
        true => Some(domain.to_owned()),
        false if domain.split('.').all(is_whole) => {
            idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::STD3).ok().map(Into::into)
        }
        false => None,
    }
}

fn is_local(local: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    (1..=64).contains(&local.len()) && local.chars().all(allowed) && local.split('.').all(|atom| !atom.is_empty())
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.contains('.') && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_value_in_any_case() {
        assert_eq!(" An.Nguyen@Example.VN ".parse::<Email>().unwrap().as_str(), "an.nguyen@example.vn");
        assert!("a+b@mail.bacninh.gov.vn".parse::<Email>().is_ok());
    }

    #[test]
    fn every_spelling_of_a_mailbox_is_counted_as_one() {
        for same in ["An.Nguyen@gmail.com", "annguyen+1@gmail.com", "a.n.n.g.u.y.e.n+x+y@GoogleMail.com"] {
            assert_eq!(mailbox(same), "annguyen@gmail.com", "{same}");
        }
        assert_eq!(mailbox("An.Nguyen+tin@Example.VN"), "an.nguyen@example.vn");
        for another in ["an-nguyen@example.vn", "annguyen@example.vn", "an.nguyen@gmail.com.vn"] {
            assert_eq!(mailbox(another), another);
        }
    }

    #[test]
    fn a_domain_in_vietnamese_is_the_one_that_mail_servers_know() {
        let ascii = "thu@bắcninh.vn".parse::<Email>().unwrap();
        assert!(ascii.as_str().is_ascii() && ascii.as_str().starts_with("thu@xn--"), "{}", ascii.as_str());
        for same in
            ["THU@BẮCNINH.VN", "thu@ba\u{306}\u{301}cninh.vn", " thu＠bắcninh。vn ", "thu@bắc\u{AD}ninh.vn", ascii.as_str()]
        {
            assert_eq!(same.parse::<Email>().as_ref(), Ok(&ascii), "{same}");
        }
        for wrong in ["thu@bắc ninh.vn", "thu@bắc/ninh.vn", "thu@.bắcninh", "thu@bắcninh", "thư@bacninh.vn", "thu@-bắc.vn"]
        {
            assert_eq!(wrong.parse::<Email>(), Err(FieldRule::Malformed(EXAMPLE)), "{wrong}");
        }
    }

    #[test]
    fn what_nobody_can_send_to_is_refused() {
        for wrong in ["a", "a@", "@b.vn", "a@b", "a b@c.vn", "a@b..vn", ".a@b.vn", "a@-b.vn", "a@b.vn\r\nBcc: c@d.vn", "ạ@b.vn"]
        {
            assert_eq!(wrong.parse::<Email>(), Err(FieldRule::Malformed(EXAMPLE)), "{wrong:?}");
        }
        assert_eq!(" ".parse::<Email>(), Err(FieldRule::Required));
        assert_eq!(format!("{}@b.vn", "a".repeat(260)).parse::<Email>(), Err(FieldRule::TooLong(254)));
    }
}
