//! Fictitious people and businesses of the demo year.
//!
//! They have no phone numbers, because Việt Nam reserves none for fictitious use. E-mail addresses end in
//! `.example`, a reserved domain, and tax codes begin with 99, which no province uses.

use super::seeded_random::SeededRandom;
use crate::kernel::search_text;
use crate::kernel::tax_code::TaxCode;
use crate::petitions::filing::PetitionerForm;
use crate::petitions::rules::PetitionerKind;

const SURNAMES: &[&str] = &[
    "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Phạm", "Phạm", "Hoàng", "Vũ", "Ngô", "Ngô", "Đỗ", "Bùi",
    "Đặng", "Dương", "Lý", "Chu", "Trịnh", "Đào", "Lưu", "Tạ", "Khổng",
];
const MEN: &[(&str, &str)] = &[
    ("Văn", "Hùng"),
    ("Văn", "Thắng"),
    ("Đức", "Minh"),
    ("Quang", "Huy"),
    ("Hữu", "Phúc"),
    ("Công", "Thành"),
    ("Xuân", "Trường"),
    ("Đình", "Khải"),
    ("Bá", "Lộc"),
    ("Tiến", "Dũng"),
    ("Văn", "Tuấn"),
    ("Mạnh", "Cường"),
    ("Trọng", "Nghĩa"),
    ("Ngọc", "Sơn"),
    ("Thế", "Anh"),
    ("Văn", "Chiến"),
    ("Duy", "Khánh"),
    ("Văn", "Toàn"),
    ("Anh", "Quân"),
    ("Văn", "Hiếu"),
];
const WOMEN: &[(&str, &str)] = &[
    ("Thị", "Lan"),
    ("Thị", "Hương"),
    ("Thị", "Mai"),
    ("Thu", "Hà"),
    ("Thị", "Thanh"),
    ("Ngọc", "Ánh"),
    ("Thị", "Hồng"),
    ("Minh", "Nguyệt"),
    ("Thị", "Yến"),
    ("Phương", "Thảo"),
    ("Thị", "Nhung"),
    ("Thị", "Huyền"),
    ("Thúy", "Quỳnh"),
    ("Thị", "Bích"),
    ("Kim", "Oanh"),
    ("Thị", "Loan"),
    ("Thị", "Dung"),
    ("Bích", "Ngọc"),
    ("Thị", "Vân"),
    ("Hải", "Yến"),
];
const TRADES: &[&str] = &[
    "Thương mại",
    "Cơ khí",
    "Bao bì",
    "Dệt may",
    "Gỗ mỹ nghệ",
    "Giấy",
    "Vật liệu xây dựng",
    "Vận tải",
    "Thực phẩm",
    "Nhựa kỹ thuật",
    "Điện tử",
    "Xây dựng",
    "Nội thất",
    "In ấn",
];
const BUSINESS_NAMES: &[&str] = &[
    "Kinh Bắc Xanh",
    "Phú Cường",
    "Sông Cầu Mới",
    "An Phát Thịnh",
    "Thiên Đức",
    "Minh Quang",
    "Hưng Long",
    "Việt Tiến Đạt",
    "Đại Thành",
    "Ngọc Khánh",
    "Tân Việt Hà",
    "Hoàng Gia Phát",
    "Trường Thịnh",
    "Bảo Minh",
];

/// Draws a person's name.
#[must_use]
pub fn name(dice: &SeededRandom) -> String {
    let given = if dice.chance(50) { dice.pick(MEN) } else { dice.pick(WOMEN) };
    let (middle, given) = given.copied().unwrap_or(("Văn", "An"));
    format!("{} {middle} {given}", dice.word(SURNAMES))
}

/// Returns an e-mail address in a reserved domain.
fn email(dice: &SeededRandom, name: &str) -> String {
    format!("{}.{}@demo.example", search_text::fold(name).replace(' ', "."), dice.between(100, 9999))
}

/// Draws a citizen as petitioner: most give their name, many an address.
#[must_use]
pub fn citizen(dice: &SeededRandom) -> PetitionerForm {
    let full_name = dice.chance(82).then(|| name(dice));
    let email = full_name.as_deref().filter(|_| dice.chance(55)).map(|name| email(dice, name));
    PetitionerForm { kind: Some(PetitionerKind::Citizen), full_name, email, ..PetitionerForm::default() }
}

/// Draws a business as petitioner, with its contact person.
#[must_use]
pub fn business(dice: &SeededRandom) -> PetitionerForm {
    let name = name(dice);
    PetitionerForm {
        kind: Some(PetitionerKind::Business),
        email: Some(email(dice, &name)),
        full_name: Some(name),
        company_name: Some(format!("Công ty TNHH {} {}", dice.word(TRADES), dice.word(BUSINESS_NAMES))),
        tax_code: Some(tax_code(dice)),
        phone: None,
    }
}

/// Draws a tax code with a valid check digit.
fn tax_code(dice: &SeededRandom) -> String {
    let nine = format!("99{:07}", dice.between(1, 9_999_999));
    let fitting = (0..=9).map(|digit| format!("{nine}{digit}")).find(|code| code.parse::<TaxCode>().is_ok());
    // One in eleven numbers has no valid check digit.
    fitting.unwrap_or_else(|| "9900000016".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_business_has_a_tax_code_that_fits() {
        let dice = SeededRandom::new(3);
        for _ in 0..300 {
            let code = business(&dice).tax_code.unwrap();
            assert!(code.parse::<TaxCode>().is_ok(), "{code}");
        }
    }
}
