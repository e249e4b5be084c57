//! Labels of measures, units and groups on charts and lists, in both languages.

use crate::figures::rules::GroupBy;
use crate::figures::rules::measure::Measure;
use crate::kernel::Lang;
use crate::petitions::rules::Status;

/// The unit of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureUnit {
    Petitions,
    /// Transfers; one petition can have several.
    Times,
    Percent,
    /// Days of 24 hours.
    Days,
    /// Points from 1 to 5.
    Score,
}

impl MeasureUnit {
    /// Returns the name of the unit.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Petitions => lang.pick("số phản ánh, kiến nghị", "petitions"),
            Self::Times => lang.pick("số lượt", "times"),
            Self::Percent => lang.pick("%", "%"),
            Self::Days => lang.pick("ngày", "days"),
            Self::Score => lang.pick("điểm từ 1 đến 5", "points from 1 to 5"),
        }
    }
}

/// Returns the name of a petition status in printed lists.
#[must_use]
pub const fn status(status: Status) -> &'static str {
    match status {
        Status::Received => "Chờ điều phối",
        Status::Assigned => "Đã chuyển cơ quan",
        Status::InProgress => "Đang xử lý",
        Status::WaitingForPetitioner => "Chờ người gửi bổ sung",
        Status::AwaitingApproval => "Chờ duyệt trả lời",
        Status::Answered => "Đã trả lời",
        Status::Closed => "Đã kết thúc",
        Status::Refused => "Từ chối",
        Status::Withdrawn => "Người gửi rút lại",
        Status::Duplicate => "Trùng lặp",
    }
}

/// Returns the unit of a measure.
#[must_use]
pub const fn unit(measure: Measure) -> MeasureUnit {
    match measure {
        Measure::HandlingRate | Measure::OnTimeRate | Measure::ResponseRate => MeasureUnit::Percent,
        Measure::MeanProcessingDays | Measure::MedianProcessingDays | Measure::P90ProcessingDays => MeasureUnit::Days,
        Measure::MeanRating => MeasureUnit::Score,
        Measure::HandOversIn | Measure::HandOversOut => MeasureUnit::Times,
        _ => MeasureUnit::Petitions,
    }
}

/// Returns the name of a measure.
#[must_use]
pub const fn measure(measure: Measure, lang: Lang) -> &'static str {
    match measure {
        Measure::Received => lang.pick("Tiếp nhận", "Received"),
        Measure::Handled => lang.pick("Đã xử lý", "Handled"),
        Measure::HandlingRate => lang.pick("Tỷ lệ xử lý", "Handling rate"),
        Measure::Backlog => lang.pick("Tồn đọng", "Backlog"),
        Measure::MeanProcessingDays => lang.pick("Thời gian xử lý trung bình", "Mean processing time"),
        Measure::MedianProcessingDays => lang.pick("Thời gian xử lý trung vị", "Median processing time"),
        Measure::P90ProcessingDays => lang.pick("Thời gian xử lý của 90 % số vụ việc", "Processing time of nine in ten"),
        Measure::HandledEarly => lang.pick("Xử lý trước hạn", "Handled early"),
        Measure::HandledOnTime => lang.pick("Xử lý đúng hạn", "Handled on time"),
        Measure::HandledLate => lang.pick("Xử lý quá hạn", "Handled late"),
        Measure::OpenNotDue => lang.pick("Đang xử lý, trong hạn", "Open, not yet due"),
        Measure::OpenOverdue => lang.pick("Đang xử lý, quá hạn", "Open, overdue"),
        Measure::OnTimeRate => lang.pick("Tỷ lệ xử lý đúng hạn", "On-time rate"),
        Measure::Rated => lang.pick("Số lượt đánh giá", "Rated"),
        Measure::ResponseRate => lang.pick("Tỷ lệ đánh giá", "Share of answers rated"),
        Measure::MeanRating => lang.pick("Điểm đánh giá trung bình", "Mean rating"),
        Measure::Ratings => lang.pick("Điểm đánh giá", "Ratings"),
        Measure::Refused => lang.pick("Từ chối", "Refused"),
        Measure::Withdrawn => lang.pick("Người dân rút lại", "Withdrawn"),
        Measure::Duplicates => lang.pick("Trùng lặp", "Duplicates"),
        Measure::CarriedOver => lang.pick("Kỳ trước chuyển sang", "Carried over"),
        Measure::Reopened => lang.pick("Mở lại", "Reopened"),
        Measure::TransferredIn => lang.pick("Nhận từ đơn vị khác", "Transferred in"),
        Measure::TransferredOut => lang.pick("Chuyển đơn vị khác", "Transferred out"),
        Measure::ToHandle => lang.pick("Phải xử lý", "To handle"),
        Measure::HandledInPeriod => lang.pick("Đã giải quyết trong kỳ", "Handled in the period"),
        Measure::CarriedSettled => lang.pick("Kết thúc khác của kỳ trước chuyển sang", "Carried over, settled otherwise"),
        Measure::ClosingBacklog => lang.pick("Tồn cuối kỳ", "Closing backlog"),
        Measure::HandOversIn => lang.pick("Lượt nhận chuyển đến", "Hand-overs in"),
        Measure::HandOversOut => lang.pick("Lượt chuyển đi", "Hand-overs out"),
    }
}

/// Returns the name of the groups of a grouping.
#[must_use]
pub const fn group(group_by: GroupBy, lang: Lang) -> &'static str {
    match group_by {
        GroupBy::None => lang.pick("toàn bộ", "all"),
        GroupBy::Agency => lang.pick("đơn vị", "agencies"),
        GroupBy::District => lang.pick("địa bàn cấp huyện", "districts"),
        GroupBy::Level => lang.pick("cấp hành chính", "levels"),
        GroupBy::Category => lang.pick("lĩnh vực", "categories"),
        GroupBy::Channel => lang.pick("kênh tiếp nhận", "channels"),
        GroupBy::PetitionerKind => lang.pick("đối tượng gửi", "petitioner kinds"),
        GroupBy::Urgency => lang.pick("mức độ khẩn", "urgencies"),
        GroupBy::Month => lang.pick("tháng", "months"),
    }
}
