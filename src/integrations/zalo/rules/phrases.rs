//! The Vietnamese texts of a conversation; none may exceed the length of a Zalo message.

use crate::integrations::zalo::rules::event::UnsupportedMedia;
use crate::integrations::zalo::rules::{ConversationDraft, DraftChoice};
use std::fmt::Write;

/// Maximum characters of a Zalo message.
pub const MOST_LETTERS: usize = 2000;

pub const GREETING: &str = "Xin chào! Đây là kênh tiếp nhận phản ánh, kiến nghị của tỉnh Bắc Ninh.\n\n\
    • Nhắn “phản ánh” để gửi phản ánh mới\n\
    • Nhắn “hồ sơ của tôi” để xem các phản ánh đã gửi\n\
    • Nhắn “tra cứu <mã>” để xem một phản ánh\n\
    • Nhắn “trợ giúp” để xem hướng dẫn";
pub const HELP: &str = "Có thể nhắn có dấu hoặc không dấu:\n\
    • “phản ánh”: bắt đầu phản ánh mới\n\
    • “huỷ”: bỏ phản ánh đang soạn; “làm lại”: soạn lại từ đầu\n\
    • “bỏ qua”: bỏ qua bước không bắt buộc\n\
    • “hồ sơ của tôi”, “tra cứu <mã>”: xem phản ánh đã gửi\n\
    • Sau khi có trả lời, nhắn một số từ 1 đến 5 để đánh giá\n\
    Trường hợp khẩn cấp xin gọi 113, 114 hoặc 115.";
pub const CANCELLED: &str = "Đã huỷ phản ánh đang soạn. Nhắn “phản ánh” khi muốn gửi phản ánh mới.";
pub const NOTHING_OPEN: &str = "Không có phản ánh nào đang soạn. Nhắn “phản ánh” để bắt đầu.";
pub const CANCELLED_RATING: &str = "Đã bỏ qua việc đánh giá. Có thể nhắn lại một số từ 1 đến 5 bất cứ lúc nào.";
pub const REMINDER: &str = "Phản ánh của ông/bà chưa được gửi. Xin trả lời câu hỏi ở trên để tiếp tục, hoặc nhắn “huỷ” để bỏ; \
    nếu không có hồi âm, bản soạn sẽ được xoá.";
pub const ASK_CONTENT: &str = "Xin mô tả sự việc (từ 10 đến 5000 ký tự): chuyện gì, ở đâu, từ khi nào.";
pub const ASK_PLACE: &str = "Sự việc ở đâu? Xin gửi vị trí, hoặc nhắn tên phường, xã (ví dụ: phường Võ Cường).";
/// Asks for photos.
pub const ASK_PHOTO: &str = "Xin gửi ảnh hiện trường nếu có, rồi nhắn “xong”. Nhắn “bỏ qua” nếu không có ảnh.";
pub const ASK_NAME: &str = "Xin cho biết họ và tên của ông/bà.";
pub const ASK_PHONE: &str = "Xin cho biết số điện thoại để cơ quan xử lý liên hệ. Nhắn “bỏ qua” nếu không muốn cung cấp.";
pub const ASK_COMMENT: &str = "Rất tiếc vì ông/bà chưa hài lòng. Xin cho biết lý do để cơ quan rút kinh nghiệm.";
pub const WRONG_LENGTH: &str = "Nội dung cần từ 10 đến 5000 ký tự và không có ký tự lạ.";
pub const UNKNOWN_PLACE: &str = "Chưa tìm thấy phường, xã này trong tỉnh. Xin nhắn lại tên, hoặc gửi vị trí.";
pub const PLACE_OUTSIDE: &str = "Vị trí này nằm ngoài địa bàn tỉnh. Xin gửi vị trí khác, hoặc nhắn tên phường, xã.";
pub const PLACE_TAKEN: &str = "Đã ghi vị trí.";
pub const ASK_COMMUNE: &str = "Xin nhắn tên phường, xã (ví dụ: phường Võ Cường).";
pub const NOT_TO_BE_SKIPPED: &str = "Bước này không bỏ qua được.";
/// The number is not in the list.
pub const NOT_IN_THE_LIST: &str = "Xin nhắn một số trong danh sách.";
pub const WRONG_NAME: &str = "Họ tên chưa đúng; tối đa 100 ký tự trên một dòng.";
pub const NAME_WITHOUT_DIGITS: &str = "Xin cho biết họ và tên, không kèm số điện thoại; số điện thoại sẽ được hỏi ở bước sau.";
pub const NO_NUMBER_WANTED: &str = "Chưa ghi gì: bước này nhận ảnh, hoặc lời mô tả thêm.";
pub const WRONG_PHONE: &str = "Số điện thoại chưa đúng; ví dụ đúng: 0912 345 678.";
pub const NOT_FOUND: &str = "Không tìm thấy phản ánh có mã này trong các phản ánh ông/bà đã gửi qua Zalo.";
pub const NONE_FILED: &str = "Ông/bà chưa gửi phản ánh nào qua Zalo. Nhắn “phản ánh” để bắt đầu.";
pub const RATED: &str = "Cảm ơn ông/bà đã đánh giá.";
pub const NOT_RATED: &str = "Câu trả lời này đã được đánh giá hoặc không còn nhận đánh giá.";
/// Follows an answer that can be rated.
pub const HOW_TO_RATE: &str = "Xin nhắn một số từ 1 (rất không hài lòng) đến 5 (rất hài lòng) để đánh giá.";
/// English version of `HOW_TO_RATE`.
pub const HOW_TO_RATE_EN: &str = "Send a number from 1 (very dissatisfied) to 5 (very satisfied) to rate the answer.";
/// Follows a question of the agency.
pub const HOW_TO_ANSWER: &str = "Để bổ sung ngay tại đây, xin nhắn: trả lời <nội dung>";
/// English version of `HOW_TO_ANSWER`.
pub const HOW_TO_ANSWER_EN: &str = "To answer here, send: trả lời <your words>";
pub const ANSWER_TAKEN: &str = "Đã chuyển nội dung bổ sung tới cơ quan xử lý.";
pub const ANSWER_TOO_LATE: &str = "Không chuyển được: câu hỏi không còn chờ trả lời, hoặc nội dung dài quá 5000 ký tự.";

/// Returns the reply to unsupported content.
#[must_use]
pub const fn unreadable(kind: UnsupportedMedia) -> &'static str {
    match kind {
        UnsupportedMedia::Voice => "Hệ thống chưa nghe được tin nhắn thoại. Xin nhắn bằng chữ, gửi ảnh hoặc vị trí.",
        UnsupportedMedia::Video => "Hệ thống chưa nhận được video qua Zalo. Xin nhắn bằng chữ, gửi ảnh hoặc vị trí.",
        UnsupportedMedia::Sticker => "Hệ thống chỉ đọc được chữ, ảnh và vị trí.",
        UnsupportedMedia::File => "Hệ thống chưa nhận được tệp qua Zalo. Xin nhắn bằng chữ, gửi ảnh hoặc vị trí.",
        UnsupportedMedia::Other => "Hệ thống chưa đọc được nội dung này. Xin nhắn bằng chữ, gửi ảnh hoặc vị trí.",
    }
}

/// Returns a numbered list.
#[must_use]
pub fn list(choices: &[DraftChoice]) -> String {
    let mut text = String::new();
    for (place, choice) in choices.iter().enumerate() {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{}. {}", place + 1, choice.name);
    }
    text.trim_end().to_owned()
}

/// Asks which commune is meant.
#[must_use]
pub fn which_place(choices: &[DraftChoice]) -> String {
    format!("Sự việc ở phường, xã nào? Xin nhắn số:\n{}", list(choices))
}

/// Asks which commune near the location is meant.
#[must_use]
pub fn which_place_near(choices: &[DraftChoice]) -> String {
    format!("Vị trí này thuộc phường, xã nào? Xin nhắn số:\n{}\nHoặc nhắn tên phường, xã khác.", list(choices))
}

/// Tells that the agency waits for an answer about a petition.
#[must_use]
pub fn question_waits(code: &str) -> String {
    format!("Phản ánh {code} đang chờ ông/bà bổ sung thông tin. {HOW_TO_ANSWER}")
}

/// Asks for a category among the suggested ones.
#[must_use]
pub fn which_category(choices: &[DraftChoice]) -> String {
    format!("Phản ánh thuộc lĩnh vực nào? Xin nhắn số:\n{}\n0. Lĩnh vực khác", list(choices))
}

/// Asks for a category among all.
#[must_use]
pub fn every_category(choices: &[DraftChoice]) -> String {
    format!("Xin chọn lĩnh vực bằng cách nhắn số:\n{}", list(choices))
}

/// Confirms stored photos.
#[must_use]
pub fn photo_taken(count: usize) -> String {
    format!("Đã nhận {count} ảnh.")
}

/// Summarises the draft for confirmation.
#[must_use]
pub fn summary(draft: &ConversationDraft, name: Option<&str>, phone: Option<&str>) -> String {
    let shown = |choice: &Option<DraftChoice>| choice.as_ref().map_or_else(String::new, |choice| choice.name.clone());
    let content: String = draft.content.as_deref().unwrap_or_default().chars().take(800).collect();
    let mut text = format!(
        "Xin kiểm tra lại:\n• Nội dung: {content}\n• Địa bàn: {}\n• Lĩnh vực: {}\n• Số ảnh: {}",
        shown(&draft.area),
        shown(&draft.category),
        draft.photos.len(),
    );
    for (what, value) in [("Họ tên", name), ("Điện thoại", phone)] {
        if let Some(value) = value {
            let _ = write!(text, "\n• {what}: {value}");
        }
    }
    text.push_str("\n\nNhắn “gửi” để gửi, “làm lại” để soạn lại, “huỷ” để bỏ.");
    text
}

/// Truncates a text to the length of one message.
#[must_use]
pub fn fitting(text: &str) -> String {
    if text.chars().count() <= MOST_LETTERS {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(MOST_LETTERS - 1).collect();
    cut.push('…');
    cut
}
