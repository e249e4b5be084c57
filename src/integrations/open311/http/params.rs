//! The parameters of a call: pairs of names and values from the query and from a form, as clients send them.

use super::write::Open311Error;
use crate::kernel::text;
use crate::web::extract::query_pairs;

/// The one jurisdiction that is served.
const JURISDICTION: &str = "bacninh.gov.vn";

/// What every call takes.
const COMMON: [&str; 2] = ["jurisdiction_id", "api_key"];

/// Names and values in their order.
#[derive(Debug, Default)]
pub struct Open311Params(Vec<(String, String)>);

impl Open311Params {
    /// Reads `a=b&c=d`, one text after another; and asks whether the jurisdiction is ours.
    ///
    /// # Errors
    /// 400 for what cannot be read, 404 for another jurisdiction.
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

    /// Refuses a parameter that is none of these: what is ignored gives an answer to another question, a page for ever the first.
    ///
    /// # Errors
    /// 400 that names every other one.
    pub fn only(self, known: &[&str]) -> Result<Self, Open311Error> {
        let is_known = |name: &str| known.contains(&name) || COMMON.contains(&name);
        let others: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).filter(|name| !is_known(name)).collect();
        if others.is_empty() {
            return Ok(self);
        }
        let names: Vec<String> = others.iter().map(|name| name.chars().filter(|c| !c.is_control()).take(60).collect()).collect();
        Err(Open311Error::bad(format!("{}: không có tham số này.", names.join(", "))))
    }

    /// The first value that is not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !text::is_empty(value)).map(|(_, value)| value.trim())
    }

    /// The same as a text of its own.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// The names that begin so, in their order.
    pub fn names<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(|(name, _)| name.as_str()).filter(move |name| name.starts_with(beginning))
    }

    /// The parts of a list with commas.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let parts = self.get(name).unwrap_or_default().split(',').map(str::trim);
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// A number.
    ///
    /// # Errors
    /// A sentence for what is none.
    pub fn number(&self, name: &str) -> Result<Option<f64>, String> {
        let read = |text: &str| text.parse::<f64>().map_err(|_| format!("{name}: cần một số."));
        self.get(name).map(read).transpose()
    }
}
