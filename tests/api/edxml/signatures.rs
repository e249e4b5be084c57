//! Signatures that another implementation made (`files/sign.py`): those that fit, those that do not, and what is said of either.

use super::{Exchange, file};
use pakn::integrations::edoc::rules::edxml::signature::{SignatureCheck, SignatureKeys};
use pakn::integrations::edoc::rules::edxml::{EdxmlLimits, read};
use std::path::Path;

fn keys() -> SignatureKeys {
    let mut keys = SignatureKeys::default();
    assert!(keys.add(&file("signer.pem")));
    keys
}

fn check(text: &str, keys: &SignatureKeys) -> SignatureCheck {
    read(text.as_bytes(), EdxmlLimits::default(), keys).unwrap().signature
}

#[test]
fn a_signature_of_another_implementation_fits() {
    for name in ["signed-sha1.xml", "signed-sha256.xml", "signed-exclusive.xml"] {
        assert_eq!(check(&file(name), &keys()), SignatureCheck::Valid, "{name}");
        assert_eq!(check(&file(name), &SignatureKeys::default()), SignatureCheck::Unchecked);
        // Lines that end as on Windows are the same lines.
        assert_eq!(check(&file(name).replace('\n', "\r\n"), &keys()), SignatureCheck::Valid, "{name}");
    }
}

#[test]
fn one_changed_letter_is_noticed() {
    for name in ["signed-sha1.xml", "signed-sha256.xml", "signed-exclusive.xml"] {
        let text = file(name);
        for changed in [
            text.replace("Lê Thị Đào", "Lê Thị Đảo"),
            text.replace(">H05<", ">H06<"),
            text.replace("a=\"1\"", "a=\"3\""),
            text.replace("<edXML:Email/>", "<edXML:Email> </edXML:Email>"),
            text.replace("</edXML>", "<AttachmentEncoded/></edXML>"),
        ] {
            assert_ne!(changed, text);
            assert_eq!(check(&changed, &keys()), SignatureCheck::Invalid, "{name}");
        }
        // The digest again over the changed text, but nobody signed it.
        let begin = text.find("DigestValue>").unwrap() + "DigestValue>".len();
        let mut other_digest = text.clone();
        other_digest.replace_range(begin..begin + 4, if text[begin..].starts_with("AAAA") { "BBBB" } else { "AAAA" });
        assert_eq!(check(&other_digest, &keys()), SignatureCheck::Invalid);
    }
}

#[test]
fn what_is_not_supported_is_never_valid() {
    assert_eq!(check(&file("signed-sha512.xml"), &keys()), SignatureCheck::Unsupported);
    let partial = file("signed-sha256.xml").replace("URI=\"\"", "URI=\"#part\"");
    assert_eq!(check(&partial, &keys()), SignatureCheck::Unsupported);
    let bare = file("signed-sha256.xml").replace("xmldsig#enveloped-signature", "xmldsig#base64");
    assert_eq!(check(&bare, &keys()), SignatureCheck::Unsupported);
}

#[test]
fn only_rsa_keys_in_pem_are_taken() {
    let mut keys = SignatureKeys::default();
    for wrong in ["", "abc", "-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"] {
        assert!(!keys.add(wrong), "{wrong}");
    }
    // An Ed25519 key.
    let other = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
    assert!(!keys.add(&format!("-----BEGIN PUBLIC KEY-----\n{other}\n-----END PUBLIC KEY-----\n")));
}

#[tokio::test]
async fn a_message_with_a_signature_that_does_not_fit_moves_nothing_and_is_shown() {
    let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/edxml/files/signer.pem");
    let exchange = Exchange::start_with(|config| config.exchange_signature_keys = vec![key]).await;
    let (petition, document) = exchange.sent().await;
    let signed = file("signed-sha1.xml").replace("{{DOCUMENT}}", &document).replace("{{CODE}}", "03");
    exchange.put("1.edxml", signed.replace("{{TIME}}", "2026/03/02 10:00:00").replace("{{TEXT}}", "x"));
    exchange.round().await;
    assert_eq!(exchange.state_of(&petition).await, "assigned");
    let kept = exchange.came_in("unfitting").await;
    assert_eq!((&kept["signature"], &kept["problem"]), (&"invalid".into(), &"signature_invalid".into()));
    // Without a signature nothing is held up.
    exchange.put("2.edxml", super::status(&document, "03", ""));
    exchange.round().await;
    assert_eq!(exchange.state_of(&petition).await, "in_progress");
    assert_eq!(exchange.came_in("applied").await["signature"], "absent");
}
