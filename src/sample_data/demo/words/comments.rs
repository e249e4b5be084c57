//! Comments of petitioners on their ratings; low scores always have one.

use crate::sample_data::demo::seeded_random::SeededRandom;

const WORST: &[&str] = &[
    "Trả lời chung chung, thực tế chưa có gì thay đổi.",
    "Chờ quá lâu mà sự việc vẫn còn nguyên.",
    "Không có ai xuống kiểm tra như trong câu trả lời.",
    "Xử lý hình thức, hôm sau lại như cũ.",
];
const BAD: &[&str] = &[
    "Giải quyết chậm, mới khắc phục được một phần.",
    "Chưa hài lòng vì chưa nêu rõ khi nào làm xong.",
    "Câu trả lời dài dòng, khó hiểu.",
    "Có kiểm tra nhưng chưa xử lý dứt điểm.",
];
const FAIR: &[&str] = &["Tạm được, mong duy trì.", "Đã xử lý nhưng hơi lâu.", "Mong theo dõi để không tái diễn."];
const GOOD: &[&str] = &["Xử lý khá nhanh, cảm ơn.", "Cán bộ nhiệt tình.", "Đã thấy chuyển biến."];
const BEST: &[&str] = &["Rất hài lòng, cảm ơn cơ quan.", "Giải quyết nhanh và dứt điểm.", "Trả lời rõ ràng, đúng hẹn."];

/// Picks a comment that fits the score.
#[must_use]
pub fn comment(score: i32, dice: &SeededRandom) -> Option<String> {
    let (words, percent) = match score {
        1 => (WORST, 100),
        2 => (BAD, 100),
        3 => (FAIR, 35),
        4 => (GOOD, 30),
        _ => (BEST, 45),
    };
    dice.chance(percent).then(|| dice.word(words).to_owned())
}
