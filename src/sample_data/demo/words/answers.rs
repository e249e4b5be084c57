//! Composes the agencies' answers from the measure taken, the petitioner and the outcome.

use super::actions::action;
use crate::petitions::rules::{Outcome, PetitionerKind};
use crate::sample_data::demo::seeded_random::SeededRandom;
use chrono::NaiveDate;

const EXPLAINED: &[&str] = &[
    "Cơ quan đã mời các bên liên quan làm việc, giải thích quy định và thống nhất cách thực hiện; các bên cam kết chấp hành.",
    "Nội dung này được thực hiện theo phân cấp và kế hoạch hằng quý; cơ quan đã ghi nhận để ưu tiên trong kỳ gần nhất.",
    "Cơ quan đã kiểm tra, đối chiếu hồ sơ và xin cung cấp thêm quy định hiện hành để Ông/Bà được rõ; mong tiếp tục giám sát.",
];
const PROMISED: &[&str] = &[
    "Cơ quan đã kiểm tra và thống nhất phương án giải quyết; đơn vị được giao sẽ hoàn thành trước ngày {day}.",
    "Do cần phối hợp nhiều đơn vị, việc giải quyết sẽ được hoàn thành chậm nhất ngày {day}.",
    "Cơ quan đã có văn bản yêu cầu khắc phục, thời hạn cuối cùng là ngày {day}; quá hạn sẽ xử lý theo quy định.",
];
const UNFOUNDED: &[&str] = &[
    "Qua kiểm tra thực tế hai lần vào các khung giờ khác nhau, chưa phát hiện sự việc như phản ánh. Nếu có hình ảnh hoặc thông tin mới, mời Ông/Bà gửi bổ sung.",
    "Qua xác minh với các bên liên quan, nội dung phản ánh chưa có cơ sở. Cơ quan tiếp tục theo dõi địa bàn.",
];
const CLOSINGS: &[&str] = &[
    "Trân trọng cảm ơn {whom} đã phản ánh.",
    "Cảm ơn {whom} đã chung tay xây dựng địa phương văn minh.",
    "Rất mong {whom} tiếp tục giám sát và phản ánh.",
    "Trân trọng thông báo để {whom} được biết.",
];

/// The petition that is answered.
#[derive(Debug, Clone, Copy)]
pub struct AnswerSubject<'a> {
    /// Name of the answering agency.
    pub agency: &'a str,
    pub title: &'a str,
    /// Code of the category.
    pub category: &'a str,
    /// Kind of petitioner.
    pub petitioner: PetitionerKind,
}

/// Composes the answer with the given outcome; `promised_on` is used with a promise.
#[must_use]
pub fn answer(subject: &AnswerSubject<'_>, outcome: Outcome, promised_on: Option<NaiveDate>, dice: &SeededRandom) -> String {
    let (greeting, whom) = match subject.petitioner {
        PetitionerKind::Citizen => ("Kính gửi Ông/Bà,", "Ông/Bà"),
        PetitionerKind::Business => ("Kính gửi Quý doanh nghiệp,", "Quý doanh nghiệp"),
    };
    let done = match outcome {
        Outcome::Resolved => action(subject.category, dice),
        Outcome::Explained => dice.word(EXPLAINED),
        Outcome::Promised => dice.word(PROMISED),
        Outcome::Unfounded => dice.word(UNFOUNDED),
    };
    let day = promised_on.map(|day| day.format("%d/%m/%Y").to_string()).unwrap_or_default();
    let done = done.replace("{day}", &day).replace("Ông/Bà", whom);
    let closing = dice.word(CLOSINGS).replace("{whom}", whom);
    format!("{greeting}\n{} đã tiếp nhận phản ánh về việc “{}”. {done}\n{closing}", subject.agency, subject.title)
}
