//! What real files do differently from the regulation, each in a fixture, and all of it is read.

use super::{file, status};
use pakn::integrations::edoc::rules::edxml::message::{EdxmlMessage, ReceivedMessage};
use pakn::integrations::edoc::rules::edxml::signature::{SignatureCheck, SignatureKeys};
use pakn::integrations::edoc::rules::edxml::{EdxmlLimits, EdxmlProblem, read};

fn reading(text: &str) -> Result<ReceivedMessage, EdxmlProblem> {
    read(text.as_bytes(), EdxmlLimits::default(), &SignatureKeys::default())
}

/// Junk before the root, `EdXML`, prefixes outside of their scope, an undeclared `xlink`, elements in another order and without
/// prefix, `Bussiness` first, an empty signature, a packed file, lines that end as on Windows, a day the other way round.
#[test]
fn the_quirks_of_real_files_are_read() {
    let received = reading(&file("quirks.xml")).unwrap();
    assert_eq!(received.signature, SignatureCheck::Absent);
    let EdxmlMessage::Document(document) = received.message else { panic!("a document") };
    assert_eq!((document.from.id.as_str(), document.from.id.original()), ("H05.14", "000.00.14.H05"));
    assert_eq!(document.from.name, "UBND phường Võ Cường");
    assert_eq!(document.subject, "Về việc <thu gom> rác & nước thải");
    // Without an identifier, one is made of organ, day and number.
    assert_eq!(document.document_id, "000.00.14.H05,2026/03/03,7816/UBND-VP");
    assert_eq!(document.sent_at.to_rfc3339(), "2026-03-03T09:30:00+07:00");
    assert_eq!(document.responses[0].code, "7816/VPCP-TTĐT");
    let [attachment] = document.attachments.as_slice() else { panic!("one file") };
    assert_eq!((attachment.name.as_str(), attachment.bytes.as_slice()), ("công văn.doc", "Nội dung công văn.".as_bytes()));
}

#[test]
fn a_status_is_read_with_and_without_a_prefix() {
    let text = status("H05,2026/03/02,1/PAKN", "03", "Đã tiếp nhận");
    let bare = text.replace("edXML:", "").replace("xmlns:edXML", "xmlns:x");
    let upper = text.replace("edXML:StatusCode", "EDXML:STATUSCODE");
    for text in [&text, &bare, &upper, &format!("\u{feff}  12 {text} \n<!-- -->")] {
        let EdxmlMessage::Status(status) = reading(text).unwrap().message else { panic!("a status") };
        assert_eq!((status.code.as_str(), status.response_for.document_id.as_str()), ("03", "H05,2026/03/02,1/PAKN"));
        assert_eq!(status.description.as_deref(), Some("Đã tiếp nhận"));
        assert_eq!(status.at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-03-02T10:00:00+07:00"));
    }
}

#[test]
fn what_cannot_be_read_has_a_name() {
    let limits = EdxmlLimits { bytes: 2_000_000, ..EdxmlLimits::default() };
    let deep = "<edXML>".repeat(100);
    let many = format!("<edXML>{}</edXML>", "<a/>".repeat(30_000));
    let attributes: String = (0..30_000).map(|number| format!(" a{number}=''")).collect();
    let wide = format!("<edXML{attributes}/>");
    let whole = status("x", "03", "");
    for (text, code) in [
        (file("bad-xxe.xml"), "dtd"),
        (file("bad-billion-laughs.xml"), "dtd"),
        (file("bad-entity.xml"), "unknown_entity"),
        (file("bad-base64.xml"), "bad_base64"),
        (file("bad-zip-bomb.xml"), "zip_bomb"),
        (file("bad-zip-broken.xml"), "bad_zip"),
        (deep, "too_deep"),
        (many, "too_many"),
        (wide, "too_many"),
        (whole[..whole.len() / 2].to_owned(), "cut_off"),
        (whole.replace("</edXML:From>", "</edXML:Form>"), "not_xml"),
        (whole.replace("ResponseFor>", "Other>"), "missing"),
        (whole.replace("MessageHeader>", "Other>"), "missing"),
        ("<html><MessageHeader/></html>".to_owned(), "not_edxml"),
        ("không phải XML".to_owned(), "not_xml"),
        (String::new(), "not_xml"),
        ("<".to_owned(), "cut_off"),
        (" ".repeat(2_000_001), "too_large"),
    ] {
        let problem = read(text.as_bytes(), limits, &SignatureKeys::default()).unwrap_err();
        assert_eq!(problem.code(), code, "{problem}: {}", text.chars().take(200).collect::<String>());
    }
    let problem = read(b"<edXML>\xff</edXML>", limits, &SignatureKeys::default()).unwrap_err();
    assert_eq!(problem, EdxmlProblem::NotUtf8);
    // What an archive says about the size of a file is not believed.
    let lies = read(file("bad-zip-lies.xml").as_bytes(), limits, &SignatureKeys::default()).unwrap_err();
    assert!(["zip_bomb", "bad_zip"].contains(&lies.code()), "{lies}");
}

mod anything {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever is broken off, doubled or replaced, the reader answers and does not panic.
        #[test]
        fn the_reader_never_panics(cut in 0_usize..2500, with in "[<>&;\"' a-zA-Z:/=!\\[\\]-]{0,12}", junk in prop::collection::vec(any::<u8>(), 0..200)) {
            let text = file("quirks.xml");
            let at = text.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(0);
            let _ = reading(&format!("{}{with}{}", &text[..at], &text[at..]));
            let _ = reading(&format!("{with}{}", &text[at..]));
            let _ = read(&junk, EdxmlLimits::default(), &SignatureKeys::default());
        }
    }
}
