//! Query strings of the figures. All values are read as strings; the service validates them and names the invalid
//! fields.

use crate::figures::statistics::parse_query::FigureParams;
use serde::Deserialize;
use utoipa::IntoParams;

macro_rules! questions {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident),* $(,)? })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Deserialize, IntoParams)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: Option<String>,)*
            /// First day of receipt, `2024-01-01`; with `to`. Without any period: this year up to today.
            pub from: Option<String>,
            /// Last day of receipt, `2024-03-31`.
            pub to: Option<String>,
            /// A period by name instead: `2023`, `2024-Q1`, `2024-03`, `2024-W12`, `ttcp-2024`, `ttcp-2024-Q1`.
            pub period: Option<String>,
            /// The cut-off, an instant or the end of a day; the end of `to`, or now if that is earlier, when it is left out.
            pub as_of: Option<String>,
            /// Only petitions held by this agency (its code, or `coordination` for the coordinator's desk).
            pub agency: Option<String>,
            /// Only petitions held in this district, everything in it included (the code of the area; that of the province
            /// means provincial bodies).
            pub district: Option<String>,
            /// Only this category.
            pub category: Option<String>,
            /// Only this channel.
            pub channel: Option<String>,
            /// Only this petitioner kind.
            pub petitioner_kind: Option<String>,
            /// Only agencies of this level.
            pub level: Option<String>,
            /// Only this urgency.
            pub urgency: Option<String>,
            /// Under which agencies figures from before a reform are shown: `as_was` (the default) under those that held the
            /// petitions, `today` under those that have their tasks today.
            pub agencies: Option<String>,
        }

        impl $name {
            /// Returns the filter parameters.
            #[must_use]
            pub fn words(&self) -> FigureParams {
                FigureParams {
                    from: self.from.clone(),
                    to: self.to.clone(),
                    period: self.period.clone(),
                    as_of: self.as_of.clone(),
                    agency: self.agency.clone(),
                    district: self.district.clone(),
                    category: self.category.clone(),
                    channel: self.channel.clone(),
                    petitioner_kind: self.petitioner_kind.clone(),
                    level: self.level.clone(),
                    urgency: self.urgency.clone(),
                    agencies: self.agencies.clone(),
                }
            }
        }
    )+};
}

questions! {
    /// What a summary is asked for.
    SummaryQuery {
        /// `none`, `agency`, `district`, `level`, `category`, `channel`, `petitioner_kind`, `urgency` or `month`.
        group_by,
        /// The wanted measures with commas; medians and percentiles come only when they are named.
        measures,
        /// `previous`: the period of equal length just before; `year`: the same dates one year earlier.
        compare,
    }

    /// What a ranking is asked for.
    RankingQuery {
        /// The measure, `handling_rate` when it is left out.
        measure,
        /// `best` or `worst` first.
        order,
        /// How many ranks, 1–300.
        limit,
        /// Groups that received fewer are listed apart; 10 when it is left out.
        min_received,
        /// As for a summary, `none` apart; `agency` when it is left out.
        group_by,
        /// `previous` or `year`: also where each group stood then.
        compare,
    }

    /// What a trend is asked for.
    TrendQuery {
        /// The wanted measures with commas.
        measures,
        /// `day`, `week`, `month`, `quarter` or `year`.
        step,
    }

    /// What a chart of the ratings is asked for.
    RatingsQuery {
        /// As for a summary: the mean rating of each group below the ratings of all.
        group_by,
        /// `previous` or `year`: also the ratings of then.
        compare,
    }

    /// Which petitions stand behind a figure.
    PetitionsQuery {
        /// The figure: any measure that counts petitions, such as `handled_late`.
        bucket,
    }
}

/// What the open petitions are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BacklogQuery {
    /// As for a summary, `month` apart.
    pub group_by: Option<String>,
    /// Only petitions held by this agency.
    pub agency: Option<String>,
    /// Only petitions held in this district.
    pub district: Option<String>,
    /// Only this category.
    pub category: Option<String>,
    /// Only this channel.
    pub channel: Option<String>,
    /// Only this petitioner kind.
    pub petitioner_kind: Option<String>,
    /// Only agencies of this level.
    pub level: Option<String>,
    /// Only this urgency.
    pub urgency: Option<String>,
}

impl BacklogQuery {
    /// Returns the filter parameters.
    #[must_use]
    pub fn words(&self) -> FigureParams {
        FigureParams {
            agency: self.agency.clone(),
            district: self.district.clone(),
            category: self.category.clone(),
            channel: self.channel.clone(),
            petitioner_kind: self.petitioner_kind.clone(),
            level: self.level.clone(),
            urgency: self.urgency.clone(),
            ..FigureParams::default()
        }
    }
}
