//! Tests of masking: inputs that are masked, inputs that stay, and properties of any text.

mod goes;
mod person;
mod stays;

use super::{KnownPerson, MASK, mask, masked};
use proptest::prelude::*;

/// A person with every kind of known data.
fn somebody() -> KnownPerson {
    KnownPerson::nobody()
        .name(Some("Phạm Thị Bí Mật"))
        .company(Some("Công ty TNHH Đèn Sáng"))
        .phone(Some("+84912345678"))
        .email(Some("bi.mat@bắcninh.vn"))
        .number(Some("027190001234"))
        .address(Some("Số 12 ngõ 5 đường Lý Thái Tổ"))
        .place(Some((21.186_15, 106.076_31)))
}

/// Texts as people write them: numbers with any separators, names, words.
fn anything() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,12}",
        "[0-9 ./()-]{1,20}",
        "[0-9a-z@.\\[\\]…]{1,16}",
        prop::sample::select(vec![
            "0912 345 678",
            "120 000 000 Đồng",
            "Phạm Thị Bí Mật",
            "phạm thị",
            "đồng",
            "VND",
            "[…]",
            "…",
            "\u{301}",
            "\u{200B}",
            "㎡",
            "CCCD",
            "không chín",
            "Số 12 ngõ 5",
            "Lý Thái Tổ",
            "99A-123.45",
            " a còng ",
            "gmail.com",
            "03/2023/QĐ-UBND",
            "21.18615, 106.07631",
            "\n",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn masking_twice_is_masking_once(text in anything()) {
        for known in [KnownPerson::nobody(), somebody()] {
            let once = mask(&text, &known);
            prop_assert_eq!(mask(&once, &known), once.clone());
            // With less known data, nothing more is found.
            prop_assert_eq!(mask(&once, &KnownPerson::nobody()), once);
        }
    }

    #[test]
    fn what_stays_is_as_it_was_written(text in any::<String>()) {
        let found = masked(&text, &somebody());
        let (mut rest, mut done) = (found.text.as_str(), 0);
        for (_, span) in &found.masks {
            let kept = text.get(done..span.start).expect("no character is split");
            rest = rest.strip_prefix(kept).and_then(|rest| rest.strip_prefix(MASK)).expect("the same text around");
            done = span.end;
        }
        prop_assert_eq!(text.get(done..), Some(rest));
    }

    #[test]
    fn a_telephone_number_goes_however_it_is_written(
        national in "(3[2-9]|7[06-9]|5[689]|8[1-8]|9[0-8])[0-9]{7}",
        prefix in prop::sample::select(vec!["0", "84", "+84", "+84 ", "0084", "(84)", "(+84) ", "(0)", "+84 (0) "]),
        gap in prop::sample::select(vec!["", " ", ".", "-", "–", "\u{A0}", "\u{2009}", "/", " / ", "·", ",", "_", "*", "(", " (", ") ", "+", ":", "\u{200B}", "~", "'", " - "]),
        cuts in prop::collection::vec(1_usize..4, 1..4),
        wide in any::<bool>(),
    ) {
        let mut written = String::from(prefix);
        let mut rest = national.as_str();
        for cut in cuts {
            let (head, tail) = rest.split_at(cut.min(rest.len()));
            written.push_str(head);
            written.push_str(if tail.is_empty() { "" } else { gap });
            rest = tail;
        }
        written.push_str(rest);
        if wide {
            written = written.chars().map(|c| c.to_digit(10).and_then(|digit| char::from_u32(0xFF10 + digit)).unwrap_or(c)).collect();
        }
        let text = mask(&format!("Xin gọi {written} nhé"), &KnownPerson::nobody());
        let digits = |text: &str| text.chars().filter(|c| c.is_numeric()).count();
        prop_assert_eq!(digits(&text), 0, "{} -> {}", written, text);
        prop_assert!(text.starts_with("Xin gọi ") && text.ends_with(" nhé"), "{}", text);
    }

    #[test]
    fn money_stays(amount in 1_000_u64..99_000_000_000, gap in prop::sample::select(vec!["", " ", ".", ","]), unit in prop::sample::select(vec![" đồng", "đ", " VND", " VNĐ", " m2", " tấn", " kWh", " triệu đồng"])) {
        let digits = amount.to_string();
        let mut written = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                written.push_str(gap);
            }
            written.push(digit);
        }
        let is_like_a_phone = gap.is_empty() && digits.starts_with("84");
        let text = format!("Thu của tôi {written}{unit} là sai.");
        if !is_like_a_phone {
            prop_assert_eq!(mask(&text, &KnownPerson::nobody()), text);
        }
    }
}
