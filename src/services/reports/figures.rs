//! The figures of a period by agency, category or channel, and the ranking of agencies, as tables.

use super::sheet::{Cell, Column, Sheet};
use super::{notes, period_line};
use crate::domain::measure::Measure;
use crate::domain::statistics::{Figures, Value};
use crate::services::statistics::answer::{Apart, GroupFigures, Ranking, Summary};

const RECEIVED: &str = "Tiếp nhận, xử lý";
const IN_TIME: &str = "Đã xử lý";
const OPEN: &str = "Đang xử lý";
const RATED: &str = "Hài lòng";

/// The measures of a summary with their columns, in the order of print.
pub const SUMMARY: [(Measure, Column); 13] = [
    (Measure::Received, Column { group: RECEIVED, heading: "Tiếp nhận", width: 9.0 }),
    (Measure::Handled, Column { group: RECEIVED, heading: "Đã xử lý", width: 9.0 }),
    (Measure::HandlingRate, Column { group: RECEIVED, heading: "Tỷ lệ xử lý (%)", width: 9.0 }),
    (Measure::Backlog, Column { group: RECEIVED, heading: "Tồn đọng", width: 9.0 }),
    (Measure::HandledEarly, Column { group: IN_TIME, heading: "Trước hạn", width: 8.0 }),
    (Measure::HandledOnTime, Column { group: IN_TIME, heading: "Đúng hạn", width: 8.0 }),
    (Measure::HandledLate, Column { group: IN_TIME, heading: "Quá hạn", width: 8.0 }),
    (Measure::OnTimeRate, Column { group: IN_TIME, heading: "Tỷ lệ đúng hạn (%)", width: 9.0 }),
    (Measure::MeanProcessingDays, Column { group: IN_TIME, heading: "Thời gian xử lý (ngày)", width: 10.0 }),
    (Measure::OpenNotDue, Column { group: OPEN, heading: "Trong hạn", width: 8.0 }),
    (Measure::OpenOverdue, Column { group: OPEN, heading: "Quá hạn", width: 8.0 }),
    (Measure::ResponseRate, Column { group: RATED, heading: "Tỷ lệ đánh giá (%)", width: 9.0 }),
    (Measure::MeanRating, Column { group: RATED, heading: "Điểm trung bình", width: 9.0 }),
];

/// The measures of a summary as a request names them.
#[must_use]
pub fn summary_measures() -> String {
    let words: Vec<&str> = SUMMARY.iter().map(|(measure, _)| measure.as_str()).collect();
    words.join(",")
}

/// A summary: its total and one row for each group.
#[must_use]
pub fn summary(organ: String, by: &'static str, summary: &Summary) -> Sheet {
    let mut columns = vec![Column::alone("STT", 5.0), Column::alone(by, 40.0)];
    columns.extend(SUMMARY.iter().map(|(_, column)| *column));
    let cells = |figures: &Figures| SUMMARY.iter().map(|(measure, _)| cell(figures, *measure)).collect::<Vec<_>>();
    let mut total = vec![Cell::Empty, Cell::Text("Toàn bộ".to_owned())];
    total.extend(cells(&summary.total));
    let row = |(number, group): (i64, &GroupFigures)| {
        let mut row = vec![Cell::Number(number), Cell::Text(group.name.clone())];
        row.extend(cells(&group.figures));
        row
    };
    Sheet {
        name: format!("Theo {}", by.to_lowercase()),
        organ,
        form: "",
        title: format!("KẾT QUẢ TIẾP NHẬN, XỬ LÝ PHẢN ÁNH, KIẾN NGHỊ THEO {}", by.to_uppercase()),
        period: period_line(&summary.period),
        unit: "Đơn vị tính: số phản ánh, kiến nghị",
        columns,
        rows: (1_i64..).zip(&summary.groups).map(row).collect(),
        total: Some(total),
        checks: Vec::new(),
        notes: notes(&summary.period),
        is_signed: true,
    }
}

/// A ranking of agencies, those without a rank at its end.
#[must_use]
pub fn ranking(organ: String, ranking: &Ranking) -> Sheet {
    let columns = vec![
        Column::alone("Thứ hạng", 9.0),
        Column::alone("Kỳ trước", 9.0),
        Column::alone("Đơn vị", 50.0),
        Column::alone("Tiếp nhận", 11.0),
        Column::alone("Tỷ lệ xử lý (%)", 14.0),
        Column::alone("Ghi chú", 34.0),
    ];
    let cells = |rank: Cell, before: Cell, group: &GroupFigures, remark: Cell| {
        let figures = &group.figures;
        vec![
            rank,
            before,
            Cell::Text(group.name.clone()),
            cell(figures, Measure::Received),
            cell(figures, ranking.measure),
            remark,
        ]
    };
    let ranked = ranking.items.iter().map(|item| {
        let number = |rank: usize| Cell::Number(i64::try_from(rank).unwrap_or(i64::MAX));
        cells(number(item.rank), item.previous_rank.map_or(Cell::Empty, number), &item.group, Cell::Empty)
    });
    let apart = ranking.apart.iter().map(|group| {
        let why = match group.reason {
            Apart::FewReceived => format!("Không xếp hạng: tiếp nhận dưới {}", ranking.min_received),
            Apart::NoFigure => "Không xếp hạng: không có số liệu".to_owned(),
            Apart::OtherKind => "Không xếp hạng: không cùng loại".to_owned(),
        };
        cells(Cell::Empty, Cell::Empty, &group.group, Cell::Text(why))
    });
    Sheet {
        name: "Xếp hạng".to_owned(),
        organ,
        form: "",
        title: "XẾP HẠNG TỶ LỆ XỬ LÝ PHẢN ÁNH, KIẾN NGHỊ".to_owned(),
        period: period_line(&ranking.period),
        unit: "",
        columns,
        rows: ranked.chain(apart).collect(),
        total: None,
        checks: Vec::new(),
        notes: notes(&ranking.period),
        is_signed: true,
    }
}

fn cell(figures: &Figures, measure: Measure) -> Cell {
    match figures.get(measure) {
        Some(Value::Count(count)) => Cell::Number(count),
        Some(Value::Decimal(Some(number))) => Cell::Decimal(number),
        // Nothing to divide by.
        Some(Value::Decimal(None)) => Cell::Text("-".to_owned()),
        Some(Value::Ratings(_)) | None => Cell::Empty,
    }
}
