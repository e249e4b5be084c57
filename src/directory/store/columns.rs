//! Database column mappings of the domain words of the directory.

use crate::db::columns::text_columns;
use crate::directory::rules::agency::{AgencyKind, SuccessionRelation};
use crate::directory::rules::area::{AreaKind, Level};
use crate::directory::rules::calendar::DayKind;
use crate::directory::rules::deadline::{DeadlineUnit, Urgency};

text_columns!(DayKind, DeadlineUnit, Urgency, AgencyKind, SuccessionRelation, AreaKind, Level);
