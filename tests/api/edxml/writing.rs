//! What is written is XML for any parser, in the order and with the prefixes of the regulation, and reads back as it was.

use super::Exchange;
use crate::town::{form, form_with};
use pakn::db::StorageError;
use pakn::integrations::edoc::rules::edxml::message::{Attachment, EdxmlDocument, EdxmlMessage, Organ, ResponseFor};
use pakn::integrations::edoc::rules::edxml::organ_id::OrganId;
use pakn::integrations::edoc::rules::edxml::signature::{SignatureCheck, SignatureKeys};
use pakn::integrations::edoc::rules::edxml::{self, EdxmlLimits, NAMESPACE, read};
use pakn::kernel::Instant;
use serde_json::json;

fn document() -> EdxmlDocument {
    let organ = |id: &str, name: &str| Organ { id: OrganId::read(id), in_charge: None, name: name.to_owned() };
    let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 2);
    EdxmlDocument {
        from: organ("H05", "Tỉnh Bắc Ninh"),
        to: vec![organ("000.00.14.H05", "UBND phường Võ Cường"), organ("H05.15", "UBND phường Suối Hoa")],
        document_id: "H05,2026/03/02,1/PAKN".to_owned(),
        code_number: "1".to_owned(),
        code_notation: "PAKN".to_owned(),
        place: "Bắc Ninh".to_owned(),
        promulgated_on: day,
        type_name: "Phản ánh, kiến nghị".to_owned(),
        subject: "Rác & nước thải <tồn đọng> \"ở\" ngõ 12".to_owned(),
        content: Some("Dòng một\nDòng hai\tcó ]]> và 'nháy'\u{1F642}".to_owned()),
        signer: (String::new(), String::new(), "Hệ thống".to_owned()),
        due_on: day,
        responses: vec![ResponseFor {
            organ_id: OrganId::read("H05.14"),
            code: "7816/VPCP-TTĐT".to_owned(),
            document_id: "H05.14,2026/03/01,9/UB".to_owned(),
            promulgated_on: day,
        }],
        sent_at: Instant::from_local(day.unwrap().and_hms_opt(8, 30, 15).unwrap()),
        business_type: 0,
        attachments: Vec::new(),
    }
}

fn files() -> Vec<Attachment> {
    let file = |name: &str, media_type: &str, bytes: &[u8]| Attachment {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        bytes: bytes.to_vec(),
    };
    vec![file("ảnh hiện trường.jpg", "image/jpeg", &[0xff, 0xd8, 0, 1, 2, 0xff]), file("trống & rỗng.txt", "text/plain", b"")]
}

fn write_document(mut document: EdxmlDocument, files: Vec<Attachment>) -> String {
    document.attachments = files;
    edxml::write(&EdxmlMessage::Document(Box::new(document)))
}

#[test]
fn a_document_reads_back_as_it_was_written() {
    let text = write_document(document(), files());
    let received = read(text.as_bytes(), EdxmlLimits::default(), &SignatureKeys::default()).unwrap();
    assert_eq!(received.signature, SignatureCheck::Absent);
    let expected = EdxmlDocument { attachments: files(), ..document() };
    assert_eq!(received.message, EdxmlMessage::Document(Box::new(expected)));
}

#[test]
fn an_independent_parser_finds_names_prefixes_and_order() {
    let text = write_document(document(), files());
    let tree = roxmltree::Document::parse(&text).expect("XML with namespaces");
    let all = tree.descendants().filter(roxmltree::Node::is_element);
    assert!(all.clone().all(|element| element.tag_name().namespace() == Some(NAMESPACE)));
    let names = |parent: &str| -> Vec<String> {
        let parent = tree.descendants().find(|node| node.has_tag_name((NAMESPACE, parent))).expect("the element");
        parent.children().map(|child| child.tag_name().name().to_owned()).collect()
    };
    assert_eq!(names("edXML"), ["edXMLEnvelope", "AttachmentEncoded"]);
    assert_eq!(names("edXMLEnvelope"), ["edXMLHeader", "edXMLBody"]);
    assert_eq!(names("edXMLHeader"), ["MessageHeader", "TraceHeaderList"]);
    let header = "From To To DocumentId Code PromulgationInfo DocumentType Subject Content SignerInfo DueDate ToPlaces OtherInfo \
                  ResponseFor";
    assert_eq!(names("MessageHeader").join(" "), header);
    assert_eq!(names("From").join(" "), "OrganId OrganizationInCharge OrganName OrganAdd Email Telephone Fax Website");
    assert_eq!(names("ResponseFor"), ["OrganId", "Code", "DocumentId", "PromulgationDate"]);
    assert_eq!(names("Attachment"), ["ContentId", "AttachmentName", "Description", "ContentType", "ContentTransferEncoded"]);
    assert_eq!(names("Reference"), ["ContentId", "ContentType", "Description", "AttachmentName"]);
    // Everything inside of the envelope carries the prefix, nothing outside but the base64.
    let envelope = text.split("</edXML:edXMLEnvelope>").next().unwrap().split_once("<edXML:edXMLEnvelope").unwrap().1;
    assert!(
        envelope
            .match_indices('<')
            .all(|(at, _)| envelope[at..].starts_with("<edXML:") || envelope[at..].starts_with("</edXML:"))
    );
    let subject = tree.descendants().find(|node| node.has_tag_name((NAMESPACE, "Subject"))).unwrap();
    assert_eq!(subject.text(), Some("Rác & nước thải <tồn đọng> \"ở\" ngõ 12"));
}

/// Python's parser, where there is a Python.
#[test]
fn another_language_reads_it_too() {
    let program = "import sys, xml.etree.ElementTree as E\n\
                   n = '{http://www.mic.gov.vn/TBT/QCVN_102_2016}'\n\
                   sys.stdout.reconfigure(encoding='utf-8')\n\
                   print(E.parse(sys.argv[1]).find('.//' + n + 'Subject').text)";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xml");
    std::fs::write(&path, write_document(document(), files())).unwrap();
    let Ok(output) = std::process::Command::new("python3").args(["-c", program]).arg(&path).output() else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), "Rác & nước thải <tồn đọng> \"ở\" ngõ 12");
}

#[tokio::test]
async fn a_petition_goes_out_with_what_the_agency_may_know() {
    let exchange = Exchange::start().await;
    exchange.town.file(&form()).await;
    let hidden = form_with(
        json!({"hide_identity": true, "content": "Nguyễn Văn An thấy ai đó đổ trộm đất ở bãi sông cuối Đường Lý Thái Tổ."}),
    );
    exchange.town.file(&hidden).await;
    assert_eq!(exchange.round().await.sent.sent, 2);
    let files = exchange.files("outbox");
    assert_eq!(files.len(), 2);
    let content = |text: &str| {
        let tree = roxmltree::Document::parse(text).expect("XML");
        let element = tree.descendants().find(|node| node.has_tag_name((NAMESPACE, "Content"))).unwrap();
        element.text().unwrap().to_owned()
    };
    let (open, closed) = (content(&files[0].1), content(&files[1].1));
    assert!(open.contains("Nguyễn Văn An") && open.contains("+84912345678") && open.contains("21.186149"), "{open}");
    assert!(closed.contains("đổ trộm đất") && closed.contains("giữ kín danh tính"), "{closed}");
    assert!(closed.contains("Vị trí: 21.186, 106.077"), "somebody has to find the place: {closed}");
    for secret in ["Đường Lý Thái Tổ", "Nguyễn Văn An", "912345678", "an@example.vn", "21.186149", "106.076551"] {
        assert!(!files[1].1.contains(secret), "{secret}");
    }
    // One look was written down, by the account of the agency's document system.
    let looks = exchange.town.app.app.db.read(|connection| {
        use diesel::prelude::*;
        use pakn::db::schema::identity_looks;
        Ok::<_, StorageError>(identity_looks::table.select(identity_looks::occasion).load::<String>(connection)?)
    });
    assert_eq!(looks.await.unwrap(), ["exchange"]);
}
