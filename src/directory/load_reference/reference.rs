//! Reads and validates the four reference data files; returns lines whose references all resolve.
//!
//! All invalid lines and broken references of all files are reported at once; if there is one, nothing is loaded.

use super::lines::{self, AgencyLine, AreaLine, CategoryLine, HolidayLine};
use super::problem::LoadProblem;

/// File names, the same in a folder and in the binary.
pub const AREAS: &str = "areas-2023.csv";
/// See [`AREAS`].
pub const AGENCIES: &str = "agencies-2023.csv";
/// See [`AREAS`].
pub const CATEGORIES: &str = "categories.csv";
/// See [`AREAS`].
pub const HOLIDAYS: &str = "holidays.csv";

/// The contents of the four files; `None` for a missing file.
#[derive(Debug, Clone, Default)]
pub struct ReferenceFiles {
    pub areas: Option<Vec<u8>>,
    pub agencies: Option<Vec<u8>>,
    pub categories: Option<Vec<u8>>,
    pub holidays: Option<Vec<u8>>,
}

impl ReferenceFiles {
    /// Returns the files embedded in the binary: the directory of 2023.
    #[must_use]
    pub fn embedded() -> Self {
        Self {
            areas: Some(include_bytes!("../../../data/areas-2023.csv").to_vec()),
            agencies: Some(include_bytes!("../../../data/agencies-2023.csv").to_vec()),
            categories: Some(include_bytes!("../../../data/categories.csv").to_vec()),
            holidays: Some(include_bytes!("../../../data/holidays.csv").to_vec()),
        }
    }
}

/// The validated files; areas and agencies are ordered after their parents.
pub struct ReferenceData {
    pub(super) areas: Vec<AreaLine>,
    pub(super) agencies: Vec<AgencyLine>,
    pub(super) categories: Vec<CategoryLine>,
    pub(super) holidays: Vec<HolidayLine>,
}

/// Reads and validates all files.
///
/// # Errors
/// All errors in any of them.
pub fn read(files: &ReferenceFiles) -> Result<ReferenceData, Vec<LoadProblem>> {
    let mut problems = Vec::new();
    let areas = lines::areas(AREAS, files.areas.as_deref(), &mut problems);
    let agencies = lines::agencies(AGENCIES, files.agencies.as_deref(), &areas, &mut problems);
    let categories = lines::categories(files.categories.as_deref(), &agencies, &mut problems);
    let holidays = lines::holidays(files.holidays.as_deref(), &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(ReferenceData {
        areas: areas.in_tree_order(|area| &area.code),
        agencies: agencies.in_tree_order(|agency| &agency.code),
        categories: categories.in_file_order(),
        holidays,
    })
}
