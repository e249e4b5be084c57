//! An e-mail address as far as it can be judged without sending to it; lower case, because it names an account.

use crate::domain::field_problem::FieldRule;
use std::str::FromStr;

const EXAMPLE: &str = "an.nguyen@example.vn";

checked_text! {
    /// A plausible e-mail address of at most 254 characters (RFC 5321), in lower case.
    private Email, "an.nguyen@example.vn"
}

impl FromStr for Email {
    type Err = FieldRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = text.trim().to_lowercase();
        if address.is_empty() {
            return Err(FieldRule::Required);
        }
        if address.chars().count() > 254 {
            return Err(FieldRule::TooLong(254));
        }
        match address.rsplit_once('@') {
            Some((local, domain)) if is_local(local) && is_domain(domain) => Ok(Self(address)),
            _ => Err(FieldRule::Malformed(EXAMPLE)),
        }
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
    fn what_nobody_can_send_to_is_refused() {
        for wrong in ["a", "a@", "@b.vn", "a@b", "a b@c.vn", "a@b..vn", ".a@b.vn", "a@-b.vn", "a@b.vn\r\nBcc: c@d.vn", "ạ@b.vn"]
        {
            assert_eq!(wrong.parse::<Email>(), Err(FieldRule::Malformed(EXAMPLE)), "{wrong:?}");
        }
        assert_eq!(" ".parse::<Email>(), Err(FieldRule::Required));
        assert_eq!(format!("{}@b.vn", "a".repeat(260)).parse::<Email>(), Err(FieldRule::TooLong(254)));
    }
}
