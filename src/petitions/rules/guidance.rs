//! Texts that tell a refused petitioner what they can do instead (docs/contract.md §4.3).

use super::ReasonCode;
use crate::kernel::Lang;

/// Returns the guidance for a refusal reason.
#[must_use]
pub const fn of(reason: ReasonCode, lang: Lang) -> &'static str {
    match lang {
        Lang::Vi => vietnamese(reason),
        Lang::En => english(reason),
    }
}

/// Returns the guidance for the petitioner of a duplicate whose original was refused; it never blames them for what the
/// original's petitioner failed to do.
#[must_use]
pub const fn of_original(reason: ReasonCode, lang: Lang) -> &'static str {
    match reason {
        ReasonCode::NoReply => lang.pick(
            "Người gửi phản ánh được xử lý chung không bổ sung thông tin trong thời hạn. Nếu sự việc vẫn còn, xin gửi phản ánh mới.",
            "Whoever filed the petition handled together with this one gave no further information in time. If the matter remains, file again.",
        ),
        _ => of(reason, lang),
    }
}

const fn vietnamese(reason: ReasonCode) -> &'static str {
    match reason {
        ReasonCode::NotAPetitionComplaint => {
            "Nội dung là khiếu nại. Xin gửi đơn khiếu nại tới cơ quan đã ra quyết định hoặc Ban Tiếp công dân theo Luật Khiếu nại 2011."
        }
        ReasonCode::NotAPetitionDenunciation => {
            "Nội dung là tố cáo. Xin gửi tới cơ quan có thẩm quyền theo Luật Tố cáo 2018; thông tin người tố cáo được giữ bí mật."
        }
        ReasonCode::LegalQuestion => "Nội dung là câu hỏi pháp luật. Xin liên hệ Sở Tư pháp hoặc Trung tâm Trợ giúp pháp lý.",
        ReasonCode::OutsideProvince => {
            "Sự việc nằm ngoài địa bàn tỉnh. Xin gửi tới hệ thống tiếp nhận của địa phương nơi xảy ra."
        }
        ReasonCode::Unclear => "Nội dung chưa rõ. Xin gửi lại, nêu rõ sự việc, địa điểm và thời gian.",
        ReasonCode::Abusive => "Nội dung có lời lẽ xúc phạm. Xin gửi lại với lời lẽ phù hợp.",
        ReasonCode::FalseContent => "Nội dung hoặc hình ảnh không đúng sự thật.",
        ReasonCode::AlreadySettled => "Sự việc đã được giải quyết. Nếu phát sinh tình tiết mới, xin gửi phản ánh mới.",
        ReasonCode::StateSecret => "Nội dung có thể chứa bí mật nhà nước, không được gửi qua hệ thống này.",
        ReasonCode::NoReply => "Không nhận được phản hồi trong thời hạn. Xin gửi phản ánh mới khi có đủ thông tin.",
    }
}

const fn english(reason: ReasonCode) -> &'static str {
    match reason {
        ReasonCode::NotAPetitionComplaint => {
            "This is a complaint. Send it to the body that made the decision, or to the citizens' reception office (Law on Complaints 2011)."
        }
        ReasonCode::NotAPetitionDenunciation => {
            "This is a denunciation. Send it to the competent body (Law on Denunciations 2018); who denounces is kept secret."
        }
        ReasonCode::LegalQuestion => "This is a legal question. Ask the Department of Justice or the legal aid centre.",
        ReasonCode::OutsideProvince => "The matter lies outside the province. Use the system of the place where it happened.",
        ReasonCode::Unclear => "The text is unclear. File again and say what happened, where and when.",
        ReasonCode::Abusive => "The text is abusive. File again in other words.",
        ReasonCode::FalseContent => "The text or the pictures are not true.",
        ReasonCode::AlreadySettled => "The matter has been settled. If something new happens, file again.",
        ReasonCode::StateSecret => "The text may contain a state secret, which must not be sent through this system.",
        ReasonCode::NoReply => "No reply came in time. File again when you have the information.",
    }
}
