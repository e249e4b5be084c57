//! Texts of the demo year in Vietnamese: answers, questions, replies, reasons and comments.

mod actions;
mod answers;
mod comments;
mod refused;

pub use answers::{AnswerSubject, answer};
pub use comments::comment;
pub use refused::{REFUSED, RefusedText};

/// Questions to petitioners.
pub const QUESTIONS: &[&str] = &[
    "Đề nghị Ông/Bà cho biết rõ hơn vị trí (số nhà, tên ngõ hoặc mốc gần nhất) để cơ quan bố trí kiểm tra.",
    "Sự việc thường xảy ra vào khung giờ nào trong ngày? Mong Ông/Bà bổ sung thông tin để cơ quan kiểm tra đúng thời điểm.",
    "Ông/Bà đã phản ánh nội dung này tới cơ quan nào khác chưa và kết quả ra sao?",
    "Đề nghị Ông/Bà bổ sung thời gian bắt đầu xảy ra sự việc và mức độ ảnh hưởng để phục vụ xác minh.",
];

/// Replies to those questions, in the same order.
pub const REPLIES: &[&str] = &[
    "Vị trí cách nhà văn hóa khoảng 50 mét, ngay cạnh cột điện đầu ngõ. Tôi có thể chỉ chỗ khi cán bộ xuống.",
    "Thường vào khoảng 18 đến 21 giờ, cuối tuần thì cả buổi sáng. Mong cơ quan kiểm tra giúp.",
    "Tôi đã báo tổ trưởng cách đây hai tuần nhưng chưa thấy chuyển biến.",
    "Việc này bắt đầu từ khoảng một tháng trước, ảnh hưởng tới hơn chục hộ quanh đây.",
];

/// Reasons for requesting an extension.
pub const EXTENSION_REASONS: &[&str] = &[
    "Cần phối hợp với đơn vị quản lý hạ tầng để khảo sát hiện trạng và thống nhất phương án.",
    "Vụ việc liên quan nhiều hộ, cần thêm thời gian làm việc với các bên.",
    "Đang chờ kết quả đo kiểm của đơn vị chuyên môn.",
];

/// Reasons for denying an extension.
pub const EXTENSION_DENIALS: &[&str] =
    &["Nội dung không phức tạp, đề nghị hoàn thành đúng hạn.", "Đã có đủ thông tin để trả lời, không cần gia hạn."];

/// Reasons for transferring a petition to a division.
pub const TOO_HIGH_FOR_US: &[&str] = &[
    "Nội dung vượt thẩm quyền của Ủy ban nhân dân cấp xã, chuyển phòng chuyên môn giải quyết.",
    "Công trình do cấp huyện quản lý, chuyển phòng chuyên môn xem xét theo thẩm quyền.",
];

/// Reasons for transferring a petition to a commune.
pub const NEARER_TO_YOU: &[&str] = &[
    "Sự việc thuộc địa bàn và thẩm quyền của Ủy ban nhân dân cấp xã, chuyển để kiểm tra, xử lý.",
    "Tuyến đường do cấp xã quản lý, chuyển Ủy ban nhân dân cấp xã giải quyết theo phân cấp.",
];

/// Reasons for transferring a petition to a department of the province.
pub const FOR_THE_PROVINCE: &[&str] = &[
    "Nội dung thuộc thẩm quyền của sở chuyên ngành, kính chuyển để giải quyết.",
    "Cần đoàn kiểm tra liên ngành của tỉnh, kính chuyển cơ quan chủ trì.",
];

/// Reasons for returning a petition to the coordinator.
pub const NOT_OURS: &[&str] = &[
    "Nội dung không thuộc chức năng, nhiệm vụ của đơn vị; đề nghị điều phối lại.",
    "Vị trí phản ánh không do đơn vị quản lý; đề nghị điều phối lại.",
];

/// Reasons for sending a draft back to the handler.
pub const SENT_BACK: &[&str] = &[
    "Bổ sung kết quả kiểm tra thực tế và thời gian hoàn thành.",
    "Cần nêu rõ đơn vị chịu trách nhiệm thực hiện.",
    "Viết ngắn gọn, dễ hiểu hơn; bỏ các trích dẫn không cần thiết.",
];

/// Internal notes of officers.
pub const NOTES: &[&str] = &[
    "Đã gọi điện cho tổ trưởng, hẹn kiểm tra chiều nay.",
    "Đã gửi đơn vị thi công đề nghị báo cáo hiện trạng.",
    "Phối hợp với công an khu vực kiểm tra thực địa.",
];

/// Reasons for requesting a reopening.
pub const REOPENING_REASONS: &[&str] = &[
    "Sau khi cơ quan trả lời, tình trạng cũ lại tái diễn, mong được kiểm tra lại.",
    "Nội dung trả lời chưa đúng vị trí tôi phản ánh, đề nghị xem xét lại.",
    "Đến nay vẫn chưa thấy đơn vị nào đến xử lý như trong câu trả lời.",
];

/// Reasons for denying a reopening.
pub const REOPENING_DENIALS: &[&str] = &[
    "Nội dung đã được giải quyết đầy đủ; đề nghị Ông/Bà gửi phản ánh mới nếu phát sinh sự việc khác.",
    "Kết quả kiểm tra lại cho thấy việc xử lý đã hoàn thành theo đúng nội dung trả lời.",
];

/// Reasons for withdrawing a petition.
pub const WITHDRAWAL_REASONS: &[&str] = &[
    "Sự việc đã được tổ dân phố giải quyết.",
    "Tôi gửi nhầm nội dung, xin rút lại.",
    "Các bên đã tự thỏa thuận xong.",
    "Đơn vị quản lý đã khắc phục ngay sau khi tôi gửi phản ánh.",
];

/// Opening phrases of a duplicate petition.
pub const SAME_AGAIN: &[&str] = &[
    "Tôi cũng ở khu vực này và xin phản ánh cùng nội dung:",
    "Bổ sung ý kiến cùng các hộ xung quanh:",
    "Tôi xin phản ánh thêm về việc đã có người gửi:",
];
