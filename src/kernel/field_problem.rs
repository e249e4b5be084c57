//! Validation errors of single fields: a stable code for programs and a message in both languages.

use crate::kernel::Lang;
use crate::kernel::lang::json_kind_in_vietnamese;
use chrono::NaiveDate;

/// A field and the rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// JSON path with dots (`petitioner.phone`) or the name of a query parameter.
    pub field: String,
    pub rule: FieldRule,
}

impl FieldProblem {
    /// Creates a problem for one field.
    #[must_use]
    pub fn new(field: impl Into<String>, rule: FieldRule) -> Self {
        Self { field: field.into(), rule }
    }
}

/// Collects the problems of several fields, so that the client gets all of them in one response.
#[derive(Debug, Default)]
pub struct FieldProblems(Vec<FieldProblem>);

impl FieldProblems {
    /// Adds a problem.
    pub fn add(&mut self, field: impl Into<String>, rule: FieldRule) {
        self.0.push(FieldProblem::new(field, rule));
    }

    /// Returns the checked value, or adds the broken rule.
    pub fn take<T>(&mut self, field: &str, checked: Result<T, FieldRule>) -> Option<T> {
        checked.map_err(|rule| self.add(field, rule)).ok()
    }

    /// Returns whether no problem was added.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ends the collection.
    ///
    /// # Errors
    /// All problems added, if there are any.
    pub fn finish(self) -> Result<(), Vec<FieldProblem>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

/// A validation rule that a value can break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldRule {
    /// Missing or empty.
    Required,
    /// Unknown field.
    Unknown,
    /// Fewer characters than this minimum.
    TooShort(usize),
    /// More characters than this maximum.
    TooLong(usize),
    /// Control characters other than line breaks and tabs.
    ControlCharacter,
    /// None of these words.
    OneOf(Vec<String>),
    /// Not a number in this inclusive range.
    Between(String, String),
    /// No such code in the directory.
    UnknownCode,
    /// The code exists, but is not in force on that day.
    NotInForce(NaiveDate),
    /// Malformed; carries a valid example.
    Malformed(&'static str),
    /// Wrong check digit or check character.
    CheckDigit,
    /// A phone number that is not Vietnamese or cannot be called back.
    Phone,
    OutsideVietnam,
    /// The field is not allowed here.
    NotAllowed,
    /// Another account, agency or rule already has this value.
    Taken,
    WeakPassword,
    /// A password that the account used before.
    EarlierPassword,
    /// Same as before, where a new value is required.
    Unchanged,
    /// The imported files lack a line for this code.
    LineMissing(String),
    /// An agency exists under this code with other data, and the import names no successor.
    ChangedWithoutSuccessor,
    /// Must be later than the named field or instant.
    MustBeAfter(String),
    /// Must not be earlier than the named field.
    MustNotBeBefore(String),
    /// Well-formed, but not a calendar day: 29 February of a common year.
    NoSuchDay,
    /// Wrong JSON type; carries the expected one.
    WrongType(&'static str),
    /// Right type, but unparsable: a 30th of February, for example.
    Unreadable,
    /// Given more than once.
    Duplicate,
    /// A cursor that this list did not issue.
    ForeignCursor,
    /// More entries than this.
    TooMany(usize),
    /// More bytes than this.
    TooLarge(u64),
    /// Fewer bytes than this.
    TooSmall(u64),
    /// A proof of work whose hash lacks this number of leading zero bits.
    ZeroBits(u32),
    /// A file type that is not accepted.
    UnknownFileType,
    /// An image with more pixels than can be processed.
    TooManyPixels,
    /// A file whose content does not match its signature.
    DamagedFile,
    /// A file with malware.
    Infected,
    /// A CSV file that is not text.
    NoText,
    /// Already entered with different content, as the petition with this code.
    EnteredOtherwise(String),
    /// An address in a private network, which webhooks may use only if the settings allow it.
    PrivateAddress,
    /// A guessable key: less entropy than this number of bits.
    Guessable(u32),
    /// The list of valid values is empty; carries the setting that fills it.
    NoneConfigured(&'static str),
    /// A contact that this number of accounts name and none has verified.
    OnlyClaimed(usize),
}

impl FieldRule {
    /// Returns the stable machine-readable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Unknown => "unknown_field",
            Self::TooShort(_) => "too_short",
            Self::TooLong(_) => "too_long",
            Self::ControlCharacter => "control_character",
            Self::OneOf(_) => "not_one_of",
            Self::Between(..) => "out_of_range",
            Self::UnknownCode => "unknown_code",
            Self::NotInForce(_) => "not_in_force",
            Self::Malformed(_) => "malformed",
            Self::CheckDigit => "check_digit",
            Self::Phone => "invalid_phone",
            Self::OutsideVietnam => "outside_vietnam",
            Self::NotAllowed => "not_allowed",
            Self::Taken => "taken",
            Self::WeakPassword => "weak_password",
            Self::EarlierPassword => "earlier_password",
            Self::Unchanged => "unchanged",
            Self::LineMissing(_) => "line_missing",
            Self::ChangedWithoutSuccessor => "changed_without_successor",
            Self::MustBeAfter(_) => "must_be_after",
            Self::MustNotBeBefore(_) => "must_not_be_before",
            Self::NoSuchDay => "no_such_day",
            Self::WrongType(_) => "wrong_type",
            Self::Unreadable => "unreadable",
            Self::Duplicate => "duplicate",
            Self::ForeignCursor => "foreign_cursor",
            Self::TooMany(_) => "too_many",
            Self::TooLarge(_) => "too_large",
            Self::TooSmall(_) => "too_small",
            Self::ZeroBits(_) => "zero_bits",
            Self::UnknownFileType => "unknown_file_type",
            Self::TooManyPixels => "too_many_pixels",
            Self::DamagedFile => "damaged_file",
            Self::Infected => "infected",
            Self::NoText => "no_text",
            Self::EnteredOtherwise(_) => "entered_otherwise",
            Self::PrivateAddress => "private_address",
            Self::Guessable(_) => "guessable",
            Self::NoneConfigured(_) => "none_configured",
            Self::OnlyClaimed(_) => "only_claimed",
        }
    }

    /// Returns every rule once with example data, for the published error catalogue.
    #[must_use]
    pub fn examples() -> Vec<Self> {
        vec![
            Self::Required,
            Self::Unknown,
            Self::TooShort(5),
            Self::TooLong(200),
            Self::ControlCharacter,
            Self::OneOf(vec!["normal".to_owned(), "urgent".to_owned()]),
            Self::Between("1".to_owned(), "100".to_owned()),
            Self::UnknownCode,
            Self::NotInForce(NaiveDate::default()),
            Self::Malformed("2026-11-22"),
            Self::CheckDigit,
            Self::Phone,
            Self::OutsideVietnam,
            Self::NotAllowed,
            Self::Taken,
            Self::WeakPassword,
            Self::EarlierPassword,
            Self::Unchanged,
            Self::LineMissing("24-SNV".to_owned()),
            Self::ChangedWithoutSuccessor,
            Self::MustBeAfter("valid_from".to_owned()),
            Self::MustNotBeBefore("from".to_owned()),
            Self::NoSuchDay,
            Self::WrongType("integer"),
            Self::Unreadable,
            Self::Duplicate,
            Self::ForeignCursor,
            Self::TooMany(10),
            Self::TooLarge(20_971_520),
            Self::TooSmall(65_536),
            Self::ZeroBits(18),
            Self::UnknownFileType,
            Self::TooManyPixels,
            Self::DamagedFile,
            Self::Infected,
            Self::NoText,
            Self::EnteredOtherwise("BN19-7K3QX9-C".to_owned()),
            Self::PrivateAddress,
            Self::Guessable(100),
            Self::NoneConfigured("exchange_gateways"),
            Self::OnlyClaimed(2),
        ]
    }

    /// Returns the human-readable message.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let (vi, en) = match self {
            Self::Required => ("Bắt buộc nhập.".into(), "This field is required.".into()),
            Self::Unknown => ("Không có trường này.".into(), "There is no such field.".into()),
            Self::TooShort(n) => (format!("Cần ít nhất {n} ký tự."), format!("At least {n} characters are needed.")),
            Self::TooLong(n) => (format!("Tối đa {n} ký tự."), format!("At most {n} characters are allowed.")),
            Self::ControlCharacter => ("Có ký tự điều khiển không hợp lệ.".into(), "Control characters are not allowed.".into()),
            Self::OneOf(words) => {
                let list = words.join(", ");
                (format!("Phải là một trong: {list}."), format!("Must be one of: {list}."))
            }
            Self::Between(low, high) => (format!("Phải từ {low} đến {high}."), format!("Must be between {low} and {high}.")),
            Self::UnknownCode => ("Không tìm thấy mã này.".into(), "There is nothing with this code.".into()),
            Self::NotInForce(day) => {
                (format!("Mã không có hiệu lực ngày {}.", day.format("%d/%m/%Y")), format!("The code is not in force on {day}."))
            }
            Self::Malformed(example) => {
                (format!("Sai định dạng; ví dụ đúng: {example}"), format!("Malformed; a right one: {example}"))
            }
            Self::CheckDigit => {
                ("Sai ký tự kiểm tra, có thể gõ nhầm.".into(), "The check character does not fit; a typing error?".into())
            }
            Self::Phone => {
                ("Số điện thoại không hợp lệ tại Việt Nam.".into(), "Not a Vietnamese phone number that can be called.".into())
            }
            Self::OutsideVietnam => ("Vị trí nằm ngoài lãnh thổ Việt Nam.".into(), "The position is outside Việt Nam.".into()),
            Self::NotAllowed => {
                ("Trường hoặc giá trị này không dùng được ở đây.".into(), "This field or value is not allowed here.".into())
            }
            Self::Taken => ("Giá trị này đã được sử dụng.".into(), "This value is taken.".into()),
            Self::WeakPassword | Self::EarlierPassword | Self::Unchanged | Self::Guessable(_) => self.of_new_values(),
            Self::MustBeAfter(other) => (format!("Phải sau “{other}”."), format!("Must be later than “{other}”.")),
            Self::MustNotBeBefore(other) => (format!("Không được trước “{other}”."), format!("Must not be before “{other}”.")),
            Self::NoSuchDay => ("Không có ngày này trong lịch.".into(), "There is no such day in the calendar.".into()),
            Self::WrongType(wanted) => (
                format!("Sai kiểu dữ liệu; cần {}.", json_kind_in_vietnamese(wanted)),
                format!("Wrong type; {wanted} is needed."),
            ),
            Self::Unreadable => (
                "Không đọc được giá trị này; ngày viết 2026-11-22, thời điểm viết 2026-11-22T07:30:00+07:00.".into(),
                "This value cannot be read; a day is written 2026-11-22, an instant 2026-11-22T07:30:00+07:00.".into(),
            ),
            Self::Duplicate => ("Trường này được gửi nhiều lần.".into(), "This field is given more than once.".into()),
            Self::ForeignCursor => {
                ("Con trỏ trang không thuộc danh sách này.".into(), "This cursor is not one of this list.".into())
            }
            Self::LineMissing(_)
            | Self::ChangedWithoutSuccessor
            | Self::UnknownFileType
            | Self::TooManyPixels
            | Self::DamagedFile
            | Self::Infected
            | Self::NoText
            | Self::EnteredOtherwise(_) => self.of_files(),
            Self::PrivateAddress | Self::NoneConfigured(_) | Self::OnlyClaimed(_) => self.of_operators(),
            Self::TooMany(_) | Self::TooLarge(_) | Self::TooSmall(_) | Self::ZeroBits(_) => self.of_amounts(),
        };
        match lang {
            Lang::Vi => vi,
            Lang::En => en,
        }
    }

    fn of_amounts(&self) -> (String, String) {
        match self {
            Self::TooMany(n) => (format!("Tối đa {n} mục."), format!("At most {n} entries are allowed.")),
            Self::TooLarge(n) => (format!("Tối đa {n} byte."), format!("At most {n} bytes are allowed.")),
            Self::TooSmall(n) => (format!("Tối thiểu {n} byte."), format!("At least {n} bytes are needed.")),
            Self::ZeroBits(n) => (
                format!("Cần “<challenge>:<chuỗi>” từ POST /challenges mà SHA-256 bắt đầu bằng {n} bit 0."),
                format!("Needed: “<challenge>:<text>” of POST /challenges whose SHA-256 begins with {n} zero bits."),
            ),
            _ => (String::new(), String::new()),
        }
    }

    /// Messages (Vietnamese, English) for rules on new values.
    fn of_new_values(&self) -> (String, String) {
        match self {
            Self::EarlierPassword => (
                "Không dùng lại một trong mười mật khẩu gần nhất.".into(),
                "One of the last ten passwords may not be used again.".into(),
            ),
            Self::Guessable(bits) => (
                format!("Người khác có thể đoán được khóa này: khách cần khóa ngẫu nhiên ít nhất {bits} bit, ví dụ một UUID."),
                format!("Others could guess this key: a guest needs a random one of at least {bits} bits, as a UUID."),
            ),
            Self::Unchanged => ("Phải khác giá trị hiện tại.".into(), "Must differ from the present value.".into()),
            _ => ("Mật khẩu quá dễ đoán.".into(), "The password is too easy to guess.".into()),
        }
    }

    /// Messages (Vietnamese, English) for rules on uploaded files.
    fn of_files(&self) -> (String, String) {
        match self {
            Self::LineMissing(code) => (
                format!("Thiếu dòng của mã {code}, đã có hiệu lực từ ngày này."),
                format!("A line for {code}, which is in force from that day on, is missing."),
            ),
            Self::ChangedWithoutSuccessor => (
                "Cơ quan mã này đang tồn tại với dữ liệu khác; cần một dòng trong tệp kế thừa (renamed, có thể cùng mã).".into(),
                "An agency goes on under this code with other data; the file of successors needs a line for it (renamed, the code may be the same).".into(),
            ),
            Self::UnknownFileType => (
                "Chỉ nhận ảnh JPEG, PNG, WebP, video, PDF hoặc ghi âm; loại tệp được nhận biết theo nội dung.".into(),
                "Only JPEG, PNG and WebP images, videos, PDF and recordings are taken, recognised by their bytes.".into(),
            ),
            Self::TooManyPixels => ("Ảnh có quá nhiều điểm ảnh.".into(), "The image has too many pixels.".into()),
            Self::DamagedFile => (
                "Tệp bị hỏng hoặc không đúng định dạng.".into(),
                "The file is damaged or not what its first bytes promise.".into(),
            ),
            Self::Infected => ("Tệp chứa mã độc.".into(), "The file contains malware.".into()),
            Self::NoText => (
                "Tệp không phải là văn bản; cần CSV mã hóa UTF-8, hoặc UTF-16 có BOM (không phải XLSX).".into(),
                "The file is no text; CSV is needed, in UTF-8 or in UTF-16 with a byte order mark (not XLSX).".into(),
            ),
            Self::EnteredOtherwise(code) => (
                format!("Số này đã được nhập trước đây với nội dung khác, là phản ánh {code}; nội dung đã nhập không bị ghi đè."),
                format!("This number was entered before with other content, as petition {code}, which is not rewritten."),
            ),
            _ => (String::new(), String::new()),
        }
    }

    /// Messages (Vietnamese, English) for rules that depend on the settings.
    fn of_operators(&self) -> (String, String) {
        match self {
            Self::PrivateAddress => (
                "Địa chỉ thuộc mạng nội bộ: máy chủ không gửi vào mạng của chính mình, trừ khi cấu hình webhook_private_addresses cho phép.".into(),
                "An address of a private network: the server does not call into its own, unless the setting webhook_private_addresses allows it.".into(),
            ),
            Self::NoneConfigured(setting) => (
                format!("Chưa cấu hình giá trị nào cho {setting}; người vận hành cần khai báo trước."),
                format!("None is configured; the operator has to set {setting} first."),
            ),
            Self::OnlyClaimed(n) => (
                format!("Có {n} tài khoản khai địa chỉ liên hệ này, chưa tài khoản nào chứng minh là của mình."),
                format!("So many accounts name this contact, and none has proven it: {n}."),
            ),
            _ => (String::new(), String::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_show_every_rule() {
        let arms = include_str!("field_problem.rs")
            .lines()
            .filter(|line| line.starts_with("            Self::") && line.contains("=> \""));
        assert_eq!(FieldRule::examples().len(), arms.count());
    }
}
