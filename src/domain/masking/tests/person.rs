//! What is known of one petitioner.

use super::somebody;
use crate::domain::masking::{Known, mask, masked};

const GOES: &[(&str, &str)] = &[
    ("Tôi tên PHẠM THỊ BÍ MẬT, ở ngõ 5.", "Tôi tên […], ở ngõ 5."),
    ("(Pham  Thi Bi\nMat)", "([…])"),
    ("Pha\u{323}m Thi\u{323} Bi\u{301} Ma\u{302}\u{323}t đây", "[…] đây"),
    ("Phạm-Thị-Bí-Mật", "[…]"),
    ("PhamThiBiMat", "[…]"),
    ("phamthibimat1990", "[…]1990"),
    ("P h ạ m T h ị B í M ậ t", "[…]"),
    ("Phạm\u{200B}Thị\u{A0}Bí_Mật", "[…]"),
    ("Phạm T. B. Mật", "[…]"),
    ("P.T.B. Mật", "[…]"),
    ("Mật Phạm Thị Bí", "[…]"),
    ("Ρhạm Thị Bí Mật", "[…]"),
    ("bà Bí Mật kêu", "bà […] kêu"),
    ("chị Phạm Mật", "chị […]"),
    ("cong ty tnhh den sang và Phạm Thị Bí Mật", "[…] và […]"),
    ("Công ty Đèn Sáng", "[…]"),
    ("CTY TNHH MTV ĐÈN SÁNG", "[…]"),
    ("số nhà tôi chín một hai ba bốn năm sáu bảy tám", "số nhà tôi […]"),
    ("912345678", "[…]"),
    ("912/345/678", "[…]"),
    ("9 1 2 3 4 5 6 7 8", "[…]"),
    ("gọi 9-1-2, 3-4-5, 6-7-8", "gọi […]"),
    ("bi.mat@bắcninh.vn", "[…]"),
    ("nick bi.mat", "nick […]"),
    ("bi . mat @ bacninh . vn", "[…]"),
    ("027/190/001/234", "[…]"),
    ("ở số 12 ngõ 5 đường Lý Thái Tổ", "ở […]"),
    ("ở số 12, ngõ 05, Lý Thái Tổ", "ở […]"),
    ("nhà 12 ngõ 5 ly thai to, phường", "[…], phường"),
    ("SỐ 12 NGÕ 5 bị ngập", "[…] bị ngập"),
    ("tọa độ 21.18615, 106.07631", "tọa độ […]"),
    ("tọa độ 21,186150 / 106,076310", "tọa độ […]"),
];

const STAYS: &[&str] = &[
    "Phạm Thị Bí và chợ Mật",
    "chợ Bí Mật",
    "đường Phạm Mật",
    "đèn sáng cả ngày",
    "đường Lý Thái Tổ ngập",
    "số 14 ngõ 6",
    "ngõ 5 có 12 hộ",
    "tọa độ 21.23456, 106.12345",
];

#[test]
fn what_is_known_goes_wherever_it_stands() {
    let known = somebody();
    let wrong: Vec<String> = GOES
        .iter()
        .map(|(written, read)| (written, read, mask(written, &known)))
        .filter(|(_, read, got)| got != *read)
        .map(|(written, read, got)| format!("{written:?}: {got:?} instead of {read:?}"))
        .chain(STAYS.iter().filter(|text| mask(text, &known) != **text).map(|text| format!("{text:?}: {:?}", mask(text, &known))))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn short_names_are_no_parts_of_words() {
    let known = Known::nobody().name(Some("Hồ An")).name(Some("An")).name(Some(""));
    assert_eq!(mask("hoàn toàn, Hồ An, bà An", &known), "hoàn toàn, […], bà An");
}

#[test]
fn a_street_goes_where_somebody_says_that_they_live_there() {
    let known = Known::nobody().address(Some("Đường Lý Thái Tổ"));
    assert_eq!(mask("Ngập ở đường Lý Thái Tổ.", &known), "Ngập ở đường Lý Thái Tổ.");
    assert_eq!(mask("Địa chỉ: đường Lý Thái Tổ.", &known), "Địa chỉ: […].");
}

#[test]
fn what_was_masked_can_be_told() {
    let text = "Gọi 0912.345.678, Phạm Thị Bí Mật, xe 99A-123.45";
    let told: Vec<(&str, &str)> =
        masked(text, &somebody()).masks.into_iter().map(|(kind, span)| (kind.as_str(), text.get(span).unwrap())).collect();
    assert_eq!(told, [("number", "0912.345.678"), ("name", "Phạm Thị Bí Mật"), ("plate", "99A-123.45")]);
}
