//! Inputs with the known data of one petitioner.

use super::somebody;
use crate::petitions::rules::masking::{KnownPerson, mask, masked};

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

/// Short and reversed forms of a known full name.
const OF_A_NAME: &[(&str, &str, &str)] = &[
    ("Lý Quỳnh Trâm", "đơn do Quỳnh Trâm viết", "đơn do […] viết"),
    ("Lý Quỳnh Trâm", "vợ Quỳnh Trâm, hàng xóm Quỳnh Trâm", "vợ […], hàng xóm […]"),
    ("Lý Quỳnh Trâm", "Zalo Quỳnh Trâm", "Zalo […]"),
    ("Lý Quỳnh Trâm", "Hôm qua Lý Trâm gọi điện, nhà Lý Trâm", "Hôm qua […] gọi điện, nhà […]"),
    ("Lý Quỳnh Trâm", "Trâm Lý", "[…]"),
    ("Lý Quỳnh Trâm", "nhà Trâm Quỳnh Lý", "nhà […]"),
    ("Nguyễn Thị Hồng Hạnh", "Gặp Hồng Hạnh. Kính Nguyễn Hạnh", "Gặp […]. Kính […]"),
    ("Nguyễn Thị Hồng Hạnh", "có Nguyễn Hồng Hạnh ở đó", "có […] ở đó"),
    ("Nguyễn Thị Hồng Hạnh", "có Thị Hồng Hạnh ở đó", "có […] ở đó"),
    ("Nguyễn Thị Hồng Hạnh", "có nguyen thi hong ở đó", "có […] ở đó"),
    ("Nguyễn Thị Hồng Hạnh", "có N.T.Hồng Hạnh ở đó", "có […] ở đó"),
    ("Nguyễn Thị Hồng Hạnh", "có NT Hồng Hạnh ở đó", "có […] ở đó"),
    ("Nguyễn Thị Hồng Hạnh", "có Ng. Thị Hồng Hạnh ở đó", "có […] ở đó"),
    ("Nguyễn Thị Hồng Hạnh", "có Nguyễn.T.Hồng.Hạnh ở đó", "có […] ở đó"),
    ("Nguyễn Thị Hồng Hạnh", "có Ng T Hồng Hạnh ở đó", "có […] ở đó"),
    ("Nguyễn Thị Hồng Hạnh", "có Nguyễn Thị H.H ở đó", "có […] ở đó"),
    ("Nguyễn Thị Hồng Hạnh", "có Hạnh Nguyễn ở đó", "có […] ở đó"),
    ("Nguyễn Thị Hồng Hạnh", "có Hanh N.T.H ở đó", "có […] ở đó"),
    ("Nguyễn Thị Hồng Hạnh", "có Hạnh Hồng Thị Nguyễn ở đó", "có […] ở đó"),
    ("Nguyễn Thị Hồng Hạnh", "hanhnguyen và honghanh1990", "[…] và […]1990"),
    ("Lê An", "bạn An Lê", "bạn […]"),
    ("Bà Nguyễn Thị Mai", "Tôi là Nguyễn Thị Mai", "Tôi là […]"),
    ("Nguyễn Thị Mai - tổ 5", "Nguyễn Thị Mai kêu", "[…] kêu"),
    ("Nguyễn Thị Mai (Mai Bông)", "Nguyễn Thị Mai hay gọi là Mai Bông", "[…] hay gọi là […]"),
    ("NGUYỄN THỊ MAI (0912345678)", "Nguyễn Thị Mai", "[…]"),
    ("Nguyễn Thị Mai và Trần Văn Nam", "Trần Văn Nam với Nguyễn Thị Mai", "[…] với […]"),
    ("ông/bà Nguyễn Thị Mai, thôn 3", "Nguyễn Thị Mai", "[…]"),
    ("Nguyễn Thị Mai", "Nguy&#7877;n Th&#7883; Mai là Nguy%E1%BB%85n Th%E1%BB%8B Mai", "[…] là […]"),
];

/// Places and words that look like a part of a name.
const NO_PART: &[(&str, &str)] = &[
    ("Nguyễn Thị Minh Khai", "đường Minh Khai, phố Nguyễn Khai"),
    ("Nguyễn Văn An", "trường Chu Văn An, Lê Văn An"),
    ("Nguyễn Thị Hồng Hạnh", "khu Hồng Hạnh, Trần Hồng Hạnh, Nguyễn Hạnh Phúc"),
    ("Phạm Thị Bí Mật", "giữ bí mật cho dân"),
    ("Trần Thị Hoa", "hội thi hoa đẹp, trần hoa văn"),
    ("Lê Minh Đức", "thông minh đức độ"),
];

/// The known number, in pieces.
const IN_PIECES: &[&str] = &[
    "0912 .. 345 ... 678",
    "0912 và 345 và 678",
    "091 rồi 234 rồi 5678",
    "0912345 ... (678)",
    "0912345 sáu bảy tám",
    "0912&nbsp;345&nbsp;678",
    "0912%20345%20678",
    "&#48;&#57;12345678",
    "0912<br>345<br>678",
    "0912<b>345</b>678",
    "0912ba45678",
];

const STAYS: &[&str] = &[
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
    let known = KnownPerson::nobody().name(Some("Hồ An")).name(Some("An")).name(Some(""));
    assert_eq!(mask("hoàn toàn, Hồ An, bà An", &known), "hoàn toàn, […], bà An");
}

#[test]
fn a_street_goes_where_somebody_says_that_they_live_there() {
    let known = KnownPerson::nobody().address(Some("Đường Lý Thái Tổ"));
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

#[test]
fn parts_of_a_name_go_and_what_is_called_like_them_stays() {
    let of = |name: &str, text: &str| mask(text, &KnownPerson::nobody().name(Some(name)));
    let goes = OF_A_NAME.iter().map(|(name, text, read)| (*text, *read, of(name, text)));
    let stays = NO_PART.iter().map(|(name, text)| (*text, *text, of(name, text)));
    let wrong: Vec<String> = goes
        .chain(stays)
        .filter(|(_, read, got)| got != *read)
        .map(|(text, read, got)| format!("{text:?}: {got:?} instead of {read:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_known_number_goes_whatever_stands_between_its_digits() {
    let known = somebody();
    let wrong: Vec<String> =
        IN_PIECES.iter().map(|text| mask(&format!("Gọi {text} nhé"), &known)).filter(|got| got != "Gọi […] nhé").collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
