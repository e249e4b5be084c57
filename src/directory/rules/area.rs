//! Areas (*địa bàn*): province → district → commune in 2023, province → commune since 2025-07-01.

use crate::kernel::ids::AreaId;
use crate::kernel::validity::Validity;

text_enum! {
    /// The official type of an area.
    AreaKind {
        /// Tỉnh.
        Province = "tinh",
        /// Thành phố.
        City = "thanh_pho",
        /// Thị xã.
        Town = "thi_xa",
        /// Huyện.
        RuralDistrict = "huyen",
        /// Phường.
        Ward = "phuong",
        /// Xã.
        RuralCommune = "xa",
        /// Thị trấn.
        Township = "thi_tran",
    }
}

text_enum! {
    /// One of the three levels of the tree; agencies and areas share them.
    Level {
        /// Cấp tỉnh.
        Province = "province",
        /// Cấp huyện; abolished by the reform of 2025.
        District = "district",
        /// Cấp xã.
        Commune = "commune",
    }
}

/// An area during one span of validity.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Row id; petitions refer to it.
    pub id: AreaId,
    /// Code of the National Statistics Office: 2, 3 or 5 digits; reused by the reform of 2025.
    pub code: String,
    /// Official name with its type, such as `Phường Ninh Xá`.
    pub name: String,
    /// The name without accents, for searching.
    pub search_name: String,
    /// Official type.
    pub kind: AreaKind,
    /// The parent area; `None` for the province.
    pub parent_id: Option<AreaId>,
    /// Latitude of the centre, if known.
    pub latitude: Option<f64>,
    /// Longitude of the centre, if known.
    pub longitude: Option<f64>,
    /// Days on which it exists.
    pub validity: Validity,
    /// Raised by every change.
    pub version: i32,
}

impl Area {
    /// Returns the level in the tree, by type and parent: a city without a parent is a province.
    #[must_use]
    pub const fn level(&self) -> Level {
        match (self.kind, self.parent_id) {
            (AreaKind::Ward | AreaKind::RuralCommune | AreaKind::Township, _) => Level::Commune,
            (AreaKind::Province, _) | (_, None) => Level::Province,
            _ => Level::District,
        }
    }
}
