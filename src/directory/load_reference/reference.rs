//! Reference data as the files say them, checked: enters as four files, leaves as lines whose references all hold.
//!
//! Every bad line and every broken reference of all files is reported at once; with a single one nothing is loaded.

use super::lines::{self, AgencyLine, AreaLine, CategoryLine, HolidayLine};
use super::problem::LoadProblem;

/// The names of the files, in a folder as in the binary.
pub const AREAS: &str = "areas-2023.csv";
/// See [`AREAS`].
pub const AGENCIES: &str = "agencies-2023.csv";
/// See [`AREAS`].
pub const CATEGORIES: &str = "categories.csv";
/// See [`AREAS`].
pub const HOLIDAYS: &str = "holidays.csv";

/// The four files; one that could not be found is `None`.
#[derive(Debug, Clone, Default)]
pub struct ReferenceFiles {
    /// `areas-2023.csv`
    pub areas: Option<Vec<u8>>,
    /// `agencies-2023.csv`
    pub agencies: Option<Vec<u8>>,
    /// `categories.csv`
    pub categories: Option<Vec<u8>>,
    /// `holidays.csv`
    pub holidays: Option<Vec<u8>>,
}

impl ReferenceFiles {
    /// The files that are part of the program: the directory of 2023.
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

/// All four files, checked; areas and agencies stand after those above them.
pub struct ReferenceData {
    pub(super) areas: Vec<AreaLine>,
    pub(super) agencies: Vec<AgencyLine>,
    pub(super) categories: Vec<CategoryLine>,
    pub(super) holidays: Vec<HolidayLine>,
}

/// Reads and checks all files.
///
/// # Errors
/// Everything that is wrong with any of them.
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
