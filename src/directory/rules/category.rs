//! Categories (*lĩnh vực*): the subjects of petitions, and who handles each by default.

use crate::directory::rules::area::Level;
use crate::kernel::Lang;
use crate::kernel::ids::CategoryId;
use crate::kernel::search_text::fold;
use crate::kernel::validity::Validity;

/// A category during one span of validity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Row id; petitions refer to it.
    pub id: CategoryId,
    /// Code such as `rac-thai-chat-thai`.
    pub code: String,
    /// Vietnamese name.
    pub name_vi: String,
    /// English name, if any.
    pub name_en: Option<String>,
    /// All names and examples without accents, for searching.
    pub search_name: String,
    /// A wider category, if any.
    pub parent_id: Option<CategoryId>,
    /// Code of the responsible provincial department.
    pub department_code: String,
    /// Suffixes of the district division, joined by `|`; the first that exists in a district is used there (`QLDT`
    /// in cities and towns, `KTHT` in rural districts).
    pub district_division: String,
    /// The level that handles it first.
    pub default_level: Level,
    /// Working days for a petition of normal urgency.
    pub processing_working_days: i32,
    /// Examples of subjects in the words of petitioners.
    pub examples: Vec<String>,
    /// Days on which it can be chosen.
    pub validity: Validity,
    /// Raised by every change.
    pub version: i32,
}

impl Category {
    /// Returns the search text: both names and the examples, without accents.
    #[must_use]
    pub fn search_name_of(name_vi: &str, name_en: Option<&str>, examples: &[String]) -> String {
        fold(&format!("{name_vi} {} {}", name_en.unwrap_or_default(), examples.join(" ")))
    }

    /// Returns the name in a language; falls back to Vietnamese.
    #[must_use]
    pub fn name(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.name_vi,
            Lang::En => self.name_en.as_deref().unwrap_or(&self.name_vi),
        }
    }
}
