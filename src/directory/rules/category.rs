//! Categories (*lĩnh vực*): the fields of life that petitions are about, and who looks after each by default.

use crate::directory::rules::area::Level;
use crate::kernel::Lang;
use crate::kernel::ids::CategoryId;
use crate::kernel::search_text::fold;
use crate::kernel::validity::Validity;

/// A category during one span of validity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Row number; what petitions refer to.
    pub id: CategoryId,
    /// Code such as `rac-thai-chat-thai`.
    pub code: String,
    /// Vietnamese name.
    pub name_vi: String,
    /// English name, where there is one.
    pub name_en: Option<String>,
    /// All names and examples without accents, for searching.
    pub search_name: String,
    /// A wider category, where there is one.
    pub parent_id: Option<CategoryId>,
    /// Code of the provincial department that looks after it.
    pub department_code: String,
    /// Suffixes of the district division, joined by `|`: the first that exists in a district is the one there
    /// (`QLDT` in cities and towns, `KTHT` in rural districts).
    pub district_division: String,
    /// Who handles it first.
    pub default_level: Level,
    /// Working days for a petition of normal urgency.
    pub processing_working_days: i32,
    /// What people write about, in their own words.
    pub examples: Vec<String>,
    /// Days on which it can be chosen.
    pub validity: Validity,
    /// Raised by every change.
    pub version: i32,
}

impl Category {
    /// What a search looks through: both names and the examples, without accents.
    #[must_use]
    pub fn search_name_of(name_vi: &str, name_en: Option<&str>, examples: &[String]) -> String {
        fold(&format!("{name_vi} {} {}", name_en.unwrap_or_default(), examples.join(" ")))
    }

    /// The name in that language; Vietnamese where there is no English one.
    #[must_use]
    pub fn name(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.name_vi,
            Lang::En => self.name_en.as_deref().unwrap_or(&self.name_vi),
        }
    }
}
