//! OpenID Connect: the realms, and which claims are used.
//!
//! Enters: a person's claims under the provider's names, and the configured claim map. Leaves: an [`OidcPerson`].
//! Rules: a name is required. If the map knows the account type, only a person's account signs in as a citizen. A
//! personal identification number that is malformed, or disagrees with the birth year in the claims, is dropped.

use crate::kernel::personal_id::PersonalId;
use crate::kernel::text::clean_line;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

text_enum! {
    /// For whom a provider is set up.
    OidcRealm {
        /// Citizens and businesses.
        Citizen = "citizen",
        /// Officers.
        Officer = "officer",
    }
}

text_enum! {
    /// What we take of a provider's claims.
    OidcClaim {
        /// The name; of VNeID `HoVaTen`.
        FullName = "full_name",
        /// Số định danh cá nhân; of VNeID `SoDinhDanh`.
        PersonalId = "personal_id",
        /// The day of birth, to check the number against; of VNeID `NgayThangNamSinh`, as 19900131. It is not stored.
        BirthDate = "birth_date",
        /// Whether it is the account of a person; of VNeID `LoaiTaiKhoan`, `1` for persons.
        AccountType = "account_type",
    }
}

/// Maximum characters of a name.
const LONGEST_NAME: usize = 200;

/// The provider's names of the claims we use; unmapped claims are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimMap {
    names: BTreeMap<OidcClaim, String>,
    person_types: Vec<String>,
}

/// A person as described by a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct OidcPerson {
    pub full_name: String,
    /// Số định danh cá nhân (personal identification number).
    pub personal_id: Option<String>,
}

/// Why claims were rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimsProblem {
    /// No usable name.
    NameMissing,
    /// The account of an organisation, or of an unknown type.
    NotAPerson,
}

impl ClaimMap {
    /// Parses lines such as `full_name=HoVaTen`, and the account-type values that mean a person.
    ///
    /// # Errors
    /// The unusable line.
    pub fn parse(lines: &[String], person_types: &[String]) -> Result<Self, String> {
        let mut names = BTreeMap::new();
        for line in lines {
            let read = line.split_once('=').and_then(|(ours, theirs)| {
                let claim: OidcClaim = ours.trim().parse().ok()?;
                Some((claim, theirs.trim().to_owned())).filter(|(_, theirs)| !theirs.is_empty())
            });
            let (claim, theirs) = read.ok_or_else(|| line.clone())?;
            names.insert(claim, theirs);
        }
        Ok(Self { names, person_types: person_types.to_vec() })
    }

    /// Returns a claim as text; numbers are converted, because some providers send the account type as one.
    fn text(&self, claims: &Map<String, Value>, claim: OidcClaim) -> Option<String> {
        match claims.get(self.names.get(&claim)?)? {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Returns whether the claims describe a person, as far as the map can tell.
    #[must_use]
    pub fn is_person(&self, claims: &Map<String, Value>) -> bool {
        if !self.names.contains_key(&OidcClaim::AccountType) || self.person_types.is_empty() {
            return true;
        }
        self.text(claims, OidcClaim::AccountType).is_some_and(|kind| self.person_types.contains(&kind))
    }

    /// Returns the person described by the claims.
    ///
    /// # Errors
    /// [`ClaimsProblem`].
    pub fn person(&self, claims: &Map<String, Value>) -> Result<OidcPerson, ClaimsProblem> {
        if !self.is_person(claims) {
            return Err(ClaimsProblem::NotAPerson);
        }
        let name = self.text(claims, OidcClaim::FullName).ok_or(ClaimsProblem::NameMissing)?;
        let full_name = clean_line(&name, 2, LONGEST_NAME).map_err(|_| ClaimsProblem::NameMissing)?;
        let born = self.text(claims, OidcClaim::BirthDate).and_then(|text| year_of(&text));
        let personal_id = self.text(claims, OidcClaim::PersonalId).and_then(|text| text.parse::<PersonalId>().ok());
        let personal_id = personal_id.map(PersonalId::into_string).filter(|id| born.is_none_or(|year| year_in(id) == Some(year)));
        Ok(OidcPerson { full_name, personal_id })
    }
}

/// The year of a date written as `19900131`, `1990-01-31` or `31/01/1990`.
fn year_of(text: &str) -> Option<u16> {
    let is_last = text.split(['/', '-']).next_back().is_some_and(|part| part.len() == 4) && text.contains(['/', '-']);
    let digits = if is_last { text.get(text.len().checked_sub(4)?..)? } else { text.get(..4)? };
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The birth year in a personal identification number: the fourth digit encodes century and sex, two values per
/// century from 1900 on (Decree 137/2015 art. 13).
fn year_in(id: &str) -> Option<u16> {
    let century: u16 = id.get(3..4)?.parse().ok()?;
    let year: u16 = id.get(4..6)?.parse().ok()?;
    Some(1900 + century / 2 * 100 + year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map() -> ClaimMap {
        let lines = ["full_name=HoVaTen", "personal_id=SoDinhDanh", "birth_date=NgayThangNamSinh", "account_type=LoaiTaiKhoan"];
        ClaimMap::parse(&lines.map(str::to_owned), &["1".to_owned()]).unwrap()
    }

    fn person(claims: &Value) -> Result<OidcPerson, ClaimsProblem> {
        map().person(claims.as_object().unwrap())
    }

    fn an() -> Value {
        json!({"HoVaTen": " Nguyễn Văn An ", "SoDinhDanh": "027090000001", "NgayThangNamSinh": "19900131", "LoaiTaiKhoan": "1"})
    }

    #[test]
    fn claims_of_vneid_make_a_person() {
        let found = person(&an()).ok().unwrap();
        assert_eq!((found.full_name.as_str(), found.personal_id.as_deref()), ("Nguyễn Văn An", Some("027090000001")));
        let mut as_number = an();
        as_number["LoaiTaiKhoan"] = json!(1);
        assert!(person(&as_number).is_ok());
    }

    #[test]
    fn organisations_and_people_without_a_name_are_refused() {
        let refused = |field: &str, value: Value| {
            let mut claims = an();
            claims[field] = value;
            person(&claims).err()
        };
        assert_eq!(refused("LoaiTaiKhoan", json!("2")), Some(ClaimsProblem::NotAPerson));
        assert_eq!(refused("LoaiTaiKhoan", Value::Null), Some(ClaimsProblem::NotAPerson));
        for name in [json!(""), json!(7), Value::Null, json!(["An"]), json!("A\u{202e}n"), json!("x".repeat(201))] {
            let wrong = refused("HoVaTen", name.clone());
            // Numbers are converted to text only for the account type; as a name, "7" is too short.
            assert_eq!(wrong, Some(ClaimsProblem::NameMissing), "{name}");
        }
    }

    #[test]
    fn a_number_that_does_not_fit_is_left_out() {
        let id_of = |id: &str, born: &str| {
            let mut claims = an();
            claims["SoDinhDanh"] = json!(id);
            claims["NgayThangNamSinh"] = json!(born);
            person(&claims).ok().unwrap().personal_id
        };
        assert_eq!(id_of("027090000001", "31/01/1990").as_deref(), Some("027090000001"));
        assert_eq!(id_of("027304000001", "2004-01-31").as_deref(), Some("027304000001"));
        assert_eq!(id_of("027090000001", "rubbish").as_deref(), Some("027090000001"), "nothing to compare with");
        assert_eq!(id_of("027090000001", "19910131"), None);
        assert_eq!(id_of("12345", "19900131"), None);
    }

    #[test]
    fn a_line_of_the_map_names_a_word_of_ours() {
        for line in ["HoVaTen", "name=HoVaTen", "full_name=", "=x"] {
            assert_eq!(ClaimMap::parse(&[line.to_owned()], &[]), Err(line.to_owned()));
        }
    }
}
