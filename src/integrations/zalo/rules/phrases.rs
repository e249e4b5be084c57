//! What the system says in a conversation, in Vietnamese; nothing longer than a message on Zalo may be.

use crate::integrations::zalo::rules::event::UnsupportedMedia;
use crate::integrations::zalo::rules::{ConversationDraft, DraftChoice};
use std::fmt::Write;

/// Characters of one message on Zalo.
pub const MOST_LETTERS: usize = 2000;

/// To somebody who has just come.
pub const GREETING: &str = "Xin chào! Đây là kênh tiếp nhận phản ánh, kiến nghị của tỉnh Bắc Ninh.\n\n\
    • Nhắn “phản ánh” để gửi phản ánh mới\n\
    • Nhắn “hồ sơ của tôi” để xem các phản ánh đã gửi\n\
    • Nhắn “tra cứu <mã>” để xem một phản ánh\n\
    • Nhắn “trợ giúp” để xem hướng dẫn";
/// What can be done here.
pub const HELP: &str = "Có thể nhắn có dấu hoặc không dấu:\n\
    • “phản ánh”: bắt đầu phản ánh mới\n\
    • “huỷ”: bỏ phản ánh đang soạn; “làm lại”: soạn lại từ đầu\n\
    • “bỏ qua”: bỏ qua bước không bắt buộc\n\
    • “hồ sơ của tôi”, “tra cứu <mã>”: xem phản ánh đã gửi\n\
    • Sau khi có trả lời, nhắn một số từ 1 đến 5 để đánh giá\n\
    Trường hợp khẩn cấp xin gọi 113, 114 hoặc 115.";
/// The draft is gone.
pub const CANCELLED: &str = "Đã huỷ phản ánh đang soạn. Nhắn “phản ánh” khi muốn gửi phản ánh mới.";
/// There is no draft.
pub const NOTHING_OPEN: &str = "Không có phản ánh nào đang soạn. Nhắn “phản ánh” để bắt đầu.";
/// The rating is not given.
pub const CANCELLED_RATING: &str = "Đã bỏ qua việc đánh giá. Có thể nhắn lại một số từ 1 đến 5 bất cứ lúc nào.";
/// The draft waits.
pub const REMINDER: &str = "Phản ánh của ông/bà chưa được gửi. Xin trả lời câu hỏi ở trên để tiếp tục, hoặc nhắn “huỷ” để bỏ; \
    nếu không có hồi âm, bản soạn sẽ được xoá.";
/// What the petition is about.
pub const ASK_CONTENT: &str = "Xin mô tả sự việc (từ 10 đến 5000 ký tự): chuyện gì, ở đâu, từ khi nào.";
/// Where it is.
pub const ASK_PLACE: &str = "Sự việc ở đâu? Xin gửi vị trí, hoặc nhắn tên phường, xã (ví dụ: phường Võ Cường).";
/// Photos.
pub const ASK_PHOTO: &str = "Xin gửi ảnh hiện trường nếu có, rồi nhắn “xong”. Nhắn “bỏ qua” nếu không có ảnh.";
/// The person's name.
pub const ASK_NAME: &str = "Xin cho biết họ và tên của ông/bà.";
/// The person's phone.
pub const ASK_PHONE: &str = "Xin cho biết số điện thoại để cơ quan xử lý liên hệ. Nhắn “bỏ qua” nếu không muốn cung cấp.";
/// The words to a low score.
pub const ASK_COMMENT: &str = "Rất tiếc vì ông/bà chưa hài lòng. Xin cho biết lý do để cơ quan rút kinh nghiệm.";
/// The text is too short or too long.
pub const WRONG_LENGTH: &str = "Nội dung cần từ 10 đến 5000 ký tự và không có ký tự lạ.";
/// No commune has the name.
pub const UNKNOWN_PLACE: &str = "Chưa tìm thấy phường, xã này trong tỉnh. Xin nhắn lại tên, hoặc gửi vị trí.";
/// The point lies elsewhere.
pub const PLACE_OUTSIDE: &str = "Vị trí này nằm ngoài địa bàn tỉnh. Xin gửi vị trí khác, hoặc nhắn tên phường, xã.";
/// The point was taken.
pub const PLACE_TAKEN: &str = "Đã ghi vị trí.";
/// Which commune a point lies in.
pub const ASK_COMMUNE: &str = "Xin nhắn tên phường, xã (ví dụ: phường Võ Cường).";
/// The step has to be answered.
pub const NOT_TO_BE_SKIPPED: &str = "Bước này không bỏ qua được.";
/// No number of the list.
pub const NOT_IN_THE_LIST: &str = "Xin nhắn một số trong danh sách.";
/// The name cannot be taken.
pub const WRONG_NAME: &str = "Họ tên chưa đúng; tối đa 100 ký tự trên một dòng.";
/// There are digits in the name.
pub const NAME_WITHOUT_DIGITS: &str = "Xin cho biết họ và tên, không kèm số điện thoại; số điện thoại sẽ được hỏi ở bước sau.";
/// A number where none was asked for.
pub const NO_NUMBER_WANTED: &str = "Chưa ghi gì: bước này nhận ảnh, hoặc lời mô tả thêm.";
/// The phone cannot be taken.
pub const WRONG_PHONE: &str = "Số điện thoại chưa đúng; ví dụ đúng: 0912 345 678.";
/// There is no such petition, or it is somebody else's.
pub const NOT_FOUND: &str = "Không tìm thấy phản ánh có mã này trong các phản ánh ông/bà đã gửi qua Zalo.";
/// There are no petitions.
pub const NONE_FILED: &str = "Ông/bà chưa gửi phản ánh nào qua Zalo. Nhắn “phản ánh” để bắt đầu.";
/// The rating was taken.
pub const RATED: &str = "Cảm ơn ông/bà đã đánh giá.";
/// The rating was not taken.
pub const NOT_RATED: &str = "Câu trả lời này đã được đánh giá hoặc không còn nhận đánh giá.";
/// Behind the answer, where a person can rate it.
pub const HOW_TO_RATE: &str = "Xin nhắn một số từ 1 (rất không hài lòng) đến 5 (rất hài lòng) để đánh giá.";
/// The same in English.
pub const HOW_TO_RATE_EN: &str = "Send a number from 1 (very dissatisfied) to 5 (very satisfied) to rate the answer.";
/// Behind a question of the agency.
pub const HOW_TO_ANSWER: &str = "Để bổ sung ngay tại đây, xin nhắn: trả lời <nội dung>";
/// The same in English.
pub const HOW_TO_ANSWER_EN: &str = "To answer here, send: trả lời <your words>";
/// The answer was passed on.
pub const ANSWER_TAKEN: &str = "Đã chuyển nội dung bổ sung tới cơ quan xử lý.";
/// The answer cannot be passed on any more.
pub const ANSWER_TOO_LATE: &str = "Không chuyển được: câu hỏi không còn chờ trả lời, hoặc nội dung dài quá 5000 ký tự.";

/// Something came that is not read here.
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

/// A numbered list.
#[must_use]
pub fn list(choices: &[DraftChoice]) -> String {
    let mut text = String::new();
    for (place, choice) in choices.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}. {}", place + 1, choice.name);
    }
    text.trim_end().to_owned()
}

/// The communes to choose from.
#[must_use]
pub fn which_place(choices: &[DraftChoice]) -> String {
    format!("Sự việc ở phường, xã nào? Xin nhắn số:\n{}", list(choices))
}

/// The communes around a point.
#[must_use]
pub fn which_place_near(choices: &[DraftChoice]) -> String {
    format!("Vị trí này thuộc phường, xã nào? Xin nhắn số:\n{}\nHoặc nhắn tên phường, xã khác.", list(choices))
}

/// A petition waits for its petitioner.
#[must_use]
pub fn question_waits(code: &str) -> String {
    format!("Phản ánh {code} đang chờ ông/bà bổ sung thông tin. {HOW_TO_ANSWER}")
}

/// The suggested categories.
#[must_use]
pub fn which_category(choices: &[DraftChoice]) -> String {
    format!("Phản ánh thuộc lĩnh vực nào? Xin nhắn số:\n{}\n0. Lĩnh vực khác", list(choices))
}

/// Every category.
#[must_use]
pub fn every_category(choices: &[DraftChoice]) -> String {
    format!("Xin chọn lĩnh vực bằng cách nhắn số:\n{}", list(choices))
}

/// A photo was taken in.
#[must_use]
pub fn photo_taken(count: usize) -> String {
    format!("Đã nhận {count} ảnh.")
}

/// The whole draft, to be confirmed.
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

/// A text that one message can carry.
#[must_use]
pub fn fitting(text: &str) -> String {
    if text.chars().count() <= MOST_LETTERS {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(MOST_LETTERS - 1).collect();
    cut.push('…');
    cut
}
