//! Request parameters: name/value pairs from the query string and the form, in the order sent.

use super::write::Open311Error;
use crate::kernel::text;
use crate::web::extract::query_pairs;

/// The only supported jurisdiction.
const JURISDICTION: &str = "bacninh.gov.vn";

/// Parameters every call accepts.
const COMMON: [&str; 2] = ["jurisdiction_id", "api_key"];

/// Names and values in order.
#[derive(Debug, Default)]
pub struct Open311Params(Vec<(String, String)>);

impl Open311Params {
    /// Parses query strings such as `a=b&c=d` and checks the jurisdiction.
    ///
    /// # Errors
    /// 400 for what cannot be parsed, 404 for another jurisdiction.
    pub fn read(texts: &[&str]) -> Result<Self, Open311Error> {
        let mut all = Vec::new();
        for text in texts {
            all.extend(query_pairs::split(text)?);
        }
        let params = Self(all);
        match params.get("jurisdiction_id") {
            Some(name) if name != JURISDICTION => Err(Open311Error::not_found("jurisdiction_id: không phục vụ địa bàn này.")),
            _ => Ok(params),
        }
    }

    /// Rejects unknown parameters. Ignoring one would answer a different question, e.g. return the first page for
    /// ever.
    ///
    /// # Errors
    /// 400 naming every unknown parameter.
    pub fn only(self, known: &[&str]) -> Result<Self, Open311Error> {
        let is_known = |name: &str| known.contains(&name) || COMMON.contains(&name);
        let others: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).filter(|name| !is_known(name)).collect();
        if others.is_empty() {
            return Ok(self);
        }
        let names: Vec<String> = others.iter().map(|name| name.chars().filter(|c| !c.is_control()).take(60).collect()).collect();
        Err(Open311Error::bad(format!("{}: không có tham số này.", names.join(", "))))
    }

    /// Returns the first non-empty value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !text::is_empty(value)).map(|(_, value)| value.trim())
    }

    /// Returns the same as an owned string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// Returns the names with a prefix, in order.
    pub fn names<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(|(name, _)| name.as_str()).filter(move |name| name.starts_with(beginning))
    }

    /// Returns the items of a comma-separated list.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let parts = self.get(name).unwrap_or_default().split(',').map(str::trim);
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// Returns a number.
    ///
    /// # Errors
    /// A message for a value that is not a number.
    pub fn number(&self, name: &str) -> Result<Option<f64>, String> {
        let read = |text: &str| text.parse::<f64>().map_err(|_| format!("{name}: cần một số."));
        self.get(name).map(read).transpose()
    }
}
