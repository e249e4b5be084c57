//! Agencies (*cơ quan, đơn vị*): 252 bodies in 2023, a tree with validity dates and successors.

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
    /// Row number; what petitions, documents and accounts refer to.
    pub id: AgencyId,
    /// Code such as `27-256-QLDT`: province, area, division.
    pub code: String,
    /// Official name.
    pub name: String,
    /// Name for lists.
    pub short_name: String,
    /// Both names without accents, for searching.
    pub search_name: String,
    /// Province, district or commune.
    pub level: Level,
    /// What sort of body it is.
    pub kind: AgencyKind,
    /// The body above; none where that is the provincial People's Committee itself, which receives no petitions.
    pub parent_id: Option<AgencyId>,
    /// The area that it serves.
    pub area_id: AreaId,
    /// Whether an answer needs a second person to approve it.
    pub two_person_approval: bool,
    /// Days on which it exists.
    pub validity: Validity,
    /// Raised by every change.
    pub version: i32,
}

impl Agency {
    /// What a search looks through: code and both names, without accents.
    #[must_use]
    pub fn search_name_of(code: &str, name: &str, short_name: &str) -> String {
        fold(&format!("{name} {short_name} {code}"))
    }

    /// Whether its code ends in that suffix of a division: `27-256-QLDT` has the suffix `QLDT`.
    #[must_use]
    pub fn is_division(&self, suffix: &str) -> bool {
        self.code.rsplit_once('-').is_some_and(|(_, last)| last == suffix)
    }
}

/// One arrow from an agency that ended to one that took over from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// The agency that ended.
    pub old_agency_id: AgencyId,
    /// The agency that took over.
    pub new_agency_id: AgencyId,
    /// First day of the successor.
    pub effective_on: NaiveDate,
    /// How it took over.
    pub relation: SuccessionRelation,
    /// Whether it receives what the place of the case does not decide; one arrow of each old agency does.
    pub is_primary: bool,
}
