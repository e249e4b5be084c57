//! The measures: their names, the data each needs, and whether higher or lower is better.
//!
//! The formulas are in [`crate::figures::rules::figures`]; the names are those of the published definitions.

text_enum! {
    /// A measure, in the order in which reports show them.
    Measure {
        /// Tiếp nhận: valid petitions received in the period.
        Received = "received",
        /// Đã xử lý: of those, first answered at or before the cut-off.
        Handled = "handled",
        /// Tỷ lệ xử lý: 100 × handled / received.
        HandlingRate = "handling_rate",
        /// Tồn đọng: received − handled.
        Backlog = "backlog",
        /// Mean number of days (of 24 h) from receipt to first answer.
        MeanProcessingDays = "mean_processing_days",
        /// Median of these days; for an even number of petitions the mean of the two middle values.
        MedianProcessingDays = "median_processing_days",
        /// 90th percentile of these days: the ⌈0.9 n⌉-th smallest (nearest rank).
        P90ProcessingDays = "p90_processing_days",
        /// Trước hạn: answered before the due day.
        HandledEarly = "handled_early",
        /// Đúng hạn: answered on the due day, up to the due instant.
        HandledOnTime = "handled_on_time",
        /// Quá hạn: answered after the due instant.
        HandledLate = "handled_late",
        /// Đang xử lý, trong hạn: of the backlog, not yet due at the cut-off.
        OpenNotDue = "open_not_due",
        /// Đang xử lý, quá hạn: of the backlog, overdue at the cut-off.
        OpenOverdue = "open_overdue",
        /// 100 × (early + on time) / handled.
        OnTimeRate = "on_time_rate",
        /// Handled petitions with a rating.
        Rated = "rated",
        /// 100 × rated / handled.
        ResponseRate = "response_rate",
        /// Mean rating, 1–5.
        MeanRating = "mean_rating",
        /// Number of ratings of 1, 2, 3, 4 and 5.
        Ratings = "ratings",
        /// Refused, of those received in the period.
        Refused = "refused",
        /// Withdrawn, of those received in the period.
        Withdrawn = "withdrawn",
        /// Duplicates of another petition, of those received in the period.
        Duplicates = "duplicates",
        /// Kỳ trước chuyển sang: received before the period and open when it began.
        CarriedOver = "carried_over",
        /// Reopened in the period.
        Reopened = "reopened",
        /// Of those carried over, transferred in during the period.
        TransferredIn = "transferred_in",
        /// Of those carried over, transferred out during the period.
        TransferredOut = "transferred_out",
        /// Phải xử lý: carried over + received + transferred in + reopened.
        ToHandle = "to_handle",
        /// Đã giải quyết trong kỳ: answers given in the period.
        HandledInPeriod = "handled_in_period",
        /// Of those carried over, refused, withdrawn or found to be duplicates during the period.
        CarriedSettled = "carried_settled",
        /// Tồn cuối kỳ: open at the cut-off, received up to the end of the period.
        ClosingBacklog = "closing_backlog",
        /// All transfers to the agency in the period, including petitions received in it.
        HandOversIn = "hand_overs_in",
        /// All transfers from the agency in the period, including petitions received in it.
        HandOversOut = "hand_overs_out",
    }
}

/// The data that a measure is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureSource {
    /// The current state of the petitions of the period.
    State,
    /// The deadlines of unanswered petitions.
    Deadlines,
    /// The processing time of each petition.
    Times,
    /// Events in the period of petitions carried over.
    Flow,
    /// All transfers in the period.
    HandOvers,
}

impl Measure {
    /// Returns the data it needs.
    #[must_use]
    pub const fn source(self) -> MeasureSource {
        match self {
            Self::OpenNotDue | Self::OpenOverdue => MeasureSource::Deadlines,
            Self::MedianProcessingDays | Self::P90ProcessingDays => MeasureSource::Times,
            Self::CarriedOver
            | Self::Reopened
            | Self::TransferredIn
            | Self::TransferredOut
            | Self::ToHandle
            | Self::HandledInPeriod
            | Self::CarriedSettled
            | Self::ClosingBacklog => MeasureSource::Flow,
            Self::HandOversIn | Self::HandOversOut => MeasureSource::HandOvers,
            _ => MeasureSource::State,
        }
    }

    /// Returns the measures used when a query names none: all except expensive and expert ones.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        let is_default = |measure: &Self| !matches!(measure.source(), MeasureSource::Times | MeasureSource::HandOvers);
        Self::ALL.iter().copied().filter(is_default).collect()
    }

    /// Returns whether lower values are better; for all others higher is better.
    #[must_use]
    pub const fn less_is_better(self) -> bool {
        matches!(
            self,
            Self::Backlog
                | Self::MeanProcessingDays
                | Self::MedianProcessingDays
                | Self::P90ProcessingDays
                | Self::HandledLate
                | Self::OpenNotDue
                | Self::OpenOverdue
                | Self::Refused
                | Self::Withdrawn
                | Self::Duplicates
                | Self::CarriedOver
                | Self::Reopened
                | Self::TransferredOut
                | Self::HandOversOut
                | Self::ClosingBacklog
        )
    }

    /// Returns the measure that is the denominator of this one; for a count that is `Received`.
    #[must_use]
    pub const fn basis(self) -> Self {
        match self {
            Self::MeanProcessingDays
            | Self::MedianProcessingDays
            | Self::P90ProcessingDays
            | Self::OnTimeRate
            | Self::ResponseRate => Self::Handled,
            Self::MeanRating => Self::Rated,
            _ => Self::Received,
        }
    }

    /// Returns whether it is a single number, so that groups can be ranked by it.
    #[must_use]
    pub const fn is_one_number(self) -> bool {
        !matches!(self, Self::Ratings)
    }
}
