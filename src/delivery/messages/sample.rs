//! Sample facts for previewing a template.

use super::TemplateContext;
use super::template_context::{day, moment};
use crate::kernel::{Instant, Lang};
use chrono::NaiveDate;

/// Returns sample facts with every field filled.
#[must_use]
pub fn sample(lang: Lang) -> TemplateContext {
    let on = |date: u32| NaiveDate::from_ymd_opt(2026, 3, date).unwrap_or_default();
    let at = |date: u32, hour: u32| Instant::from_local(on(date).and_hms_opt(hour, 0, 0).unwrap_or_default());
    TemplateContext {
        name: Some("Nguyễn Thị Ánh".to_owned()),
        salutation: "Nguyễn Thị Ánh".to_owned(),
        code: "BN26-7K3QX9-C".to_owned(),
        title: "Rác thải <tồn đọng> ở đầu ngõ".to_owned(),
        agency: Some("Ủy ban nhân dân phường Suối Hoa".to_owned()),
        at: moment(at(2, 9), lang),
        due_at: moment(at(9, 17), lang),
        note: Some("Xin cho biết số nhà gần nhất và thời gian thấy rác.".to_owned()),
        answer: Some("Phường đã thu gom rác sáng ngày 04/03/2026 và đặt biển cấm đổ rác.".to_owned()),
        promised_on: Some(day(on(20), lang)),
        guidance: Some("Nội dung chưa rõ. Xin gửi lại, nêu rõ sự việc, địa điểm và thời gian.".to_owned()),
        into: Some("BN26-2M4RT7-H".to_owned()),
        may_rate: true,
        may_reopen: true,
        reply_days: 10,
        reopen_days: 15,
        minutes: 30,
        link: Some("https://pakn.bacninh.gov.vn/petitions/BN26-7K3QX9-C".to_owned()),
        sender: lang.pick("Hệ thống phản ánh, kiến nghị tỉnh Bắc Ninh", "Petitions of Bắc Ninh province").to_owned(),
    }
}
