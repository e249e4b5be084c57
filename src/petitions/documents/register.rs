//! The register of an agency, line by line, with the ten columns of Decree 30/2020/NĐ-CP.
//!
//! The sender of a petition is shown only as citizen or business: names need the permission to see identities.

use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::DocumentId;
use crate::petitions::concealed::mask_titles;
use crate::petitions::rules::{DocumentStatus, PetitionerKind};
use crate::petitions::store::documents::register::{self, RegisterPart, RegisterRow};
use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

/// One line of a register.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RegisterEntry {
    /// The document.
    pub id: DocumentId,
    /// Ngày đến.
    pub arrived_at: Instant,
    /// Số đến.
    pub number: i64,
    /// Tác giả: `Công dân` or `Doanh nghiệp`.
    pub author: String,
    /// Số, ký hiệu văn bản: the code of the petition.
    pub symbol: String,
    /// Ngày tháng văn bản: the day of filing.
    pub document_date: NaiveDate,
    /// Tên loại và trích yếu nội dung.
    pub summary: String,
    /// Đơn vị hoặc người nhận.
    pub recipient: String,
    /// Ngày chuyển: when it was completed or handed on.
    pub handed_on_at: Option<Instant>,
    /// Ký nhận: the officer who has it.
    pub signed_by: Option<String>,
    /// Ghi chú.
    pub remark: String,
    /// Where it stands.
    pub status: DocumentStatus,
}

/// Returns a page of the register of the officer's agency and the number after which the next page begins; without a
/// year, that of the current Vietnamese year.
///
/// # Errors
/// [`ErrorCode::RoleMissing`] for an account without an agency.
pub async fn page(
    app: &App,
    actor: &Actor,
    year: Option<i32>,
    after: i64,
    limit: i64,
) -> Result<(Vec<RegisterEntry>, Option<i64>), ServiceError> {
    let agency = actor.agency_id.ok_or(ErrorCode::RoleMissing)?;
    let year = year.unwrap_or_else(|| app.now().local_date().year());
    let app_ = app.clone();
    app.db
        .read(move |connection| {
            let directory = directory::current(&app_, connection)?;
            let part = RegisterPart::whole(agency, year);
            let mut items = entries(connection, &directory, &part, after, limit + 1)?;
            let limit = usize::try_from(limit).unwrap_or(0);
            let is_more = items.len() > limit;
            items.truncate(limit);
            let next = items.last().filter(|_| is_more).map(|entry| entry.number);
            Ok((items, next))
        })
        .await
}

/// Returns register lines in number order, after `after`.
pub fn entries(
    connection: &mut DbConnection,
    directory: &Directory,
    part: &RegisterPart,
    after: i64,
    limit: i64,
) -> Result<Vec<RegisterEntry>, ServiceError> {
    let unit = directory.agency(part.agency).map(|agency| agency.short_name.clone()).unwrap_or_default();
    let mut lines = register::lines(connection, part, after, limit)?;
    mask_titles(connection, lines.iter_mut().map(|line| (line.0.petition_id, &mut line.4)))?;
    Ok(lines.into_iter().map(|line| entry(line, &unit)).collect())
}

fn entry(line: RegisterRow, unit: &str) -> RegisterEntry {
    let (document, code, received_on, petitioner_kind, title, assignee) = line;
    RegisterEntry {
        id: document.id,
        arrived_at: document.arrived_at,
        number: document.number,
        author: match petitioner_kind {
            PetitionerKind::Citizen => "Công dân",
            PetitionerKind::Business => "Doanh nghiệp",
        }
        .to_owned(),
        symbol: code,
        document_date: received_on,
        summary: format!("Phản ánh, kiến nghị: {title}"),
        recipient: unit.to_owned(),
        handed_on_at: document.handed_on_at,
        signed_by: assignee,
        remark: remark(document.status).to_owned(),
        status: document.status,
    }
}

const fn remark(status: DocumentStatus) -> &'static str {
    match status {
        DocumentStatus::Arrived => "Chờ tiếp nhận",
        DocumentStatus::Accepted | DocumentStatus::Assigned | DocumentStatus::InProgress => "Đang xử lý",
        DocumentStatus::Waiting => "Chờ bổ sung",
        DocumentStatus::AwaitingApproval => "Chờ phê duyệt",
        DocumentStatus::Completed => "Đã trả lời",
        DocumentStatus::Returned => "Đã trả lại",
        DocumentStatus::Transferred => "Đã chuyển",
        DocumentStatus::Refused => "Từ chối",
        DocumentStatus::Voided => "Hủy số",
    }
}
