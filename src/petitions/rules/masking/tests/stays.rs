//! Inputs without personal data, which must stay unchanged.

use crate::petitions::rules::masking::{KnownPerson, mask};

const TABLE: &[&str] = &[
    // Contact data of authorities.
    "liên hệ đường dây nóng 0222 3822 456",
    "Hotline Sở TNMT: 02223 875 305",
    "gọi UBND phường 0222.3.821.331 trong giờ hành chính",
    "gửi về ubnd@bacninh.gov.vn hoặc 1022",
    // Money and counts.
    "Thu 120 000 000 đồng là sai.",
    "Giá 1.250.000.000 VND",
    "120.000.000đ",
    "120,000,000 VNĐ",
    "120'000'000 đồng",
    "120000000 đồng",
    "1 250 000 000 đồng",
    "từ 50.000 - 100.000 đồng",
    "Kinh phí 1.250.456.789 đồng (2.345.678.901 VND)",
    "số tiền là 125.456.789",
    "kinh phí 1.250.000.000",
    "nợ 250.000.000",
    "1.250 m2",
    "diện tích 123.456.789 m²",
    "12.000 tấn rác",
    "345 000 kWh điện",
    "1,5 triệu; 2,75 tỷ đồng",
    "84.500.000.000 đồng",
    "mỗi hộ 5 triệu, 12 hộ, 48 người",
    "USD 1,250,000",
    "tăng 12,5 % so với 2023",
    "3.000.000 lượt người",
    // Days and times.
    "Từ ngày 12.5 - 14.5, 3 lần\nrồi",
    "ngày 12/03/2024 lúc 08:30",
    "03/12/2024 08:30",
    "03/12/24 08:30 - 05/12/24 17:00",
    "12.03.2024 - 15.03.2024",
    "01-02-2024 đến 03-04-2024",
    "2024-03-12 08:30:00",
    "2024-03-12T08:30:00",
    "tháng 03/2024, 04/2024, 05/2024",
    "giai đoạn 2021-2025, 2026-2030",
    "các năm 2023, 2024, 2025",
    "năm 2022 2023 2024",
    "sáng 7:30 - 11:30, chiều 13:30 - 17:00",
    "ngày 03/05, 07/05, 09/05, 12/05",
    "ngày 03/05 - 07/05 - 09/05",
    "từ 8h30 đến 11h30 ngày 2/9",
    "Thứ 2, 15/7; thứ 3, 16/7",
    // Documents and codes.
    "Quyết định 03/2023/QĐ-UBND ngày 12/03/2023",
    "Công văn 1234/UBND-NC ngày 05/06/2024",
    "Nghị định 13/2023/NĐ-CP, 356/2025/NĐ-CP",
    "Luật số 91/2025/QH15, Nghị quyết 60-NQ/TW",
    "Thông tư 07/2016/TT-BCA",
    "phản ánh BN26-7K3QX9-C",
    "phản ánh bn26 7k3qx9 c",
    "Điều 12, khoản 3, điểm b",
    "hợp đồng số 15/HĐ-2024",
    // Places.
    "số nhà 12/45/67/89 đường Lý Thái Tổ",
    "số 12, 14, 16, 18, 20 ngõ 5",
    "ngõ 03, 05, 07, 09, 11",
    "thửa đất số 123, tờ bản đồ số 45",
    "km 12+500 đến km 15+200 quốc lộ 18",
    "cột điện 471E27.4/12",
    "tọa độ 21.1861, 106.0763",
    "21.186100, 106.076300",
    "căn hộ 1205, tầng 12, tòa CT2A",
    "lớp 12A, 45 học sinh",
    "20 ha 12345",
    "50 m 123 45",
    // Public telephone numbers.
    "gọi 113, 114, 115",
    "hotline 1022",
    "gọi 1022 - 113",
    "tổng đài 1900 1234",
    "gọi 19001234",
    "1800 599 928",
    // Words.
    "Không có một ai, ba năm nay sáu lần kêu",
    "năm 2024 không hai lời",
    "Ngõ tối, đèn hỏng từ ngày 1/3.",
    "Bà An ở Bình An",
    "gặp nhau ở chợ",
    "Zalo: không trả lời",
    "Facebook của phường đăng tin",
    "[…] và […]",
    "a […] b",
    "Nhóm 5@ lần",
    "nước ngập 30 cm 🌧",
    "pH 7.5, 35°C, 75 dB",
    "địa chỉ IP",
    "",
];

#[test]
fn what_tells_of_nobody_stays() {
    let wrong: Vec<String> = TABLE
        .iter()
        .map(|text| (text, mask(text, &KnownPerson::nobody())))
        .filter(|(text, got)| got != *text)
        .map(|(text, got)| format!("{text:?}: {got:?}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), TABLE.len(), wrong.join("\n"));
}
