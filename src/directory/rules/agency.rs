//! Agencies (*cơ quan, đơn vị*): 252 in 2023, a tree with validity dates and successors.

use crate::directory::rules::area::Level;
use crate::kernel::ids::{AgencyId, AreaId};
use crate::kernel::search_text::fold;
use crate::kernel::validity::Validity;
use chrono::NaiveDate;

text_enum! {
    /// What sort of body an agency is.
    AgencyKind {
        /// Ủy ban nhân dân.
        PeoplesCommittee = "peoples_committee",
        /// Sở.
        Department = "department",
        /// Văn phòng.
        Office = "office",
        /// Thanh tra.
        Inspectorate = "inspectorate",
        /// Ban quản lý.
        ManagementBoard = "management_board",
        /// Công an.
        Police = "police",
        /// Bảo hiểm xã hội.
        SocialInsurance = "social_insurance",
        /// Thuế.
        Tax = "tax",
        /// Doanh nghiệp dịch vụ công ích, such as the electricity company.
        Utility = "utility",
        /// Phòng.
        Division = "division",
        /// Trung tâm phục vụ hành chính công; since 2025.
        ServiceCentre = "service_centre",
    }
}

text_enum! {
    /// What became of an agency that ended.
    SuccessionRelation {
        /// The whole body went into one successor.
        Merged = "merged",
        /// Its tasks were divided; the place of the case decides.
        Split = "split",
        /// The same body under another name.
        Renamed = "renamed",
        /// Dissolved; the successor only receives what is left.
        Dissolved = "dissolved",
    }
}

/// An agency during one span of validity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// Row id; petitions, documents and accounts refer to it.
    pub id: AgencyId,
    /// Code such as `27-256-QLDT`: province, area, division.
    pub code: String,
    /// Official name.
    pub name: String,
    /// Name for lists.
    pub short_name: String,
    /// Both names without accents, for searching.
    pub search_name: String,
    pub level: Level,
    pub kind: AgencyKind,
    /// The parent agency; `None` for children of the provincial People's Committee, which receives no petitions
    /// itself.
    pub parent_id: Option<AgencyId>,
    /// The area that it serves.
    pub area_id: AreaId,
    /// Whether an answer must be approved by a second person.
    pub two_person_approval: bool,
    /// Days on which it exists.
    pub validity: Validity,
    /// Raised by every change.
    pub version: i32,
}

impl Agency {
    /// Returns the search text: code and both names, without accents.
    #[must_use]
    pub fn search_name_of(code: &str, name: &str, short_name: &str) -> String {
        fold(&format!("{name} {short_name} {code}"))
    }

    /// Returns whether the code ends in this division suffix: `27-256-QLDT` has the suffix `QLDT`.
    #[must_use]
    pub fn is_division(&self, suffix: &str) -> bool {
        self.code.rsplit_once('-').is_some_and(|(_, last)| last == suffix)
    }
}

/// A succession from an ended agency to one that took over from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    pub old_agency_id: AgencyId,
    pub new_agency_id: AgencyId,
    /// First day of the successor.
    pub effective_on: NaiveDate,
    pub relation: SuccessionRelation,
    /// Whether it receives cases that the place does not decide; true for one succession of each old agency.
    pub is_primary: bool,
}
