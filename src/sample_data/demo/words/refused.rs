//! Petitions that are refused, with the reason given to the petitioner.

use crate::petitions::rules::ReasonCode;

/// A petition that is refused.
#[derive(Debug, Clone, Copy)]
pub struct RefusedText {
    pub title: &'static str,
    /// The text; `{commune}` is replaced by the commune.
    pub content: &'static str,
    /// Code of the category under which it was filed.
    pub category: &'static str,
    pub reason: ReasonCode,
    /// The explanation for the petitioner.
    pub note: &'static str,
}

const fn text(
    title: &'static str,
    content: &'static str,
    category: &'static str,
    reason: ReasonCode,
    note: &'static str,
) -> RefusedText {
    RefusedText { title, content, category, reason, note }
}

/// All refused petitions.
pub const REFUSED: &[RefusedText] = &[
    text(
        "Khiếu nại quyết định bồi thường đất",
        "Gia đình tôi ở {commune} không đồng ý với quyết định phê duyệt phương án bồi thường và đề nghị hủy quyết định đó.",
        "dat-dai-khoang-san",
        ReasonCode::NotAPetitionComplaint,
        "Nội dung là khiếu nại quyết định hành chính, đề nghị gửi đơn theo Luật Khiếu nại tới người đã ban hành quyết định.",
    ),
    text(
        "Khiếu nại quyết định xử phạt xây dựng",
        "Tôi ở {commune} bị lập biên bản và xử phạt về xây dựng, tôi cho rằng quyết định xử phạt sai và đề nghị thu hồi.",
        "cong-trinh-xay-dung",
        ReasonCode::NotAPetitionComplaint,
        "Quyết định xử phạt được giải quyết theo trình tự khiếu nại, đề nghị gửi đơn tới cơ quan đã ra quyết định.",
    ),
    text(
        "Tố cáo cán bộ nhận tiền",
        "Tôi xin tố cáo một cán bộ tại {commune} đã nhận tiền của người dân khi làm hồ sơ, tôi có ghi âm làm chứng.",
        "thu-tuc-hanh-chinh",
        ReasonCode::NotAPetitionDenunciation,
        "Nội dung là tố cáo, đề nghị gửi đơn theo Luật Tố cáo để được bảo vệ danh tính và giải quyết đúng thẩm quyền.",
    ),
    text(
        "Hỏi về điều kiện tách thửa",
        "Xin hỏi đất ở tại {commune} diện tích bao nhiêu thì được tách thửa, lệ phí thế nào và nộp hồ sơ ở đâu?",
        "dat-dai-khoang-san",
        ReasonCode::LegalQuestion,
        "Đây là câu hỏi về pháp luật, đề nghị gửi tới chuyên mục hỏi đáp của Cổng thông tin điện tử tỉnh.",
    ),
    text(
        "Hỏi về thời gian nghỉ thai sản",
        "Tôi làm công nhân, trọ tại {commune}, xin hỏi chế độ thai sản theo luật mới được nghỉ mấy tháng?",
        "lao-dong-an-sinh",
        ReasonCode::LegalQuestion,
        "Đây là câu hỏi về chính sách, đề nghị liên hệ tổng đài Bảo hiểm xã hội để được giải đáp.",
    ),
    text(
        "Ổ gà trên đường ở Hà Nội",
        "Tôi ở {commune}, hằng ngày đi làm qua Gia Lâm, Hà Nội thấy mặt đường nhiều ổ gà rất nguy hiểm.",
        "duong-giao-thong",
        ReasonCode::OutsideProvince,
        "Vị trí phản ánh ngoài địa bàn tỉnh, đề nghị gửi tới hệ thống tiếp nhận của thành phố Hà Nội.",
    ),
    text(
        "Xe khách chạy ẩu ở tỉnh bạn",
        "Tôi ở {commune} đi xe khách qua thành phố Bắc Giang, xe dừng đón trả khách giữa đường rất mất an toàn.",
        "trat-tu-an-toan-giao-thong",
        ReasonCode::OutsideProvince,
        "Sự việc xảy ra ngoài địa bàn tỉnh, đề nghị phản ánh tới cơ quan công an nơi xảy ra.",
    ),
    text(
        "Đề nghị xem xét",
        "Việc kia ở {commune} đến nay vẫn thế, đề nghị các bác xem lại giúp cho dân nhờ.",
        "an-ninh-trat-tu",
        ReasonCode::Unclear,
        "Nội dung chưa rõ sự việc và địa điểm, đề nghị gửi lại kèm mô tả cụ thể hoặc hình ảnh.",
    ),
    text(
        "Rác thải ở đầu ngõ",
        "Rác đầu ngõ tại {commune} tôi phản ánh tuần trước, xin gửi lại cho chắc vì không thấy tin nhắn.",
        "rac-thai-chat-thai",
        ReasonCode::AlreadySettled,
        "Nội dung đã được giải quyết và trả lời ở phản ánh trước, mời xem kết quả công khai.",
    ),
    text(
        "Cháy lớn tại khu dân cư",
        "Đang có cháy rất lớn tại {commune}, cháy cả dãy nhà, đề nghị đăng tin ngay cho mọi người biết.",
        "phong-chay-chua-chay",
        ReasonCode::FalseContent,
        "Qua xác minh, tại thời điểm phản ánh không có vụ cháy nào. Khi có cháy, hãy gọi ngay 114.",
    ),
];
