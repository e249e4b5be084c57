//! Checks the signature of a message. Enters: its tree and the trusted keys. Leaves: a [`SignatureCheck`].
//!
//! Supported: an enveloped signature (XML-DSig) over the whole message (`Reference URI=""`), RSA with SHA-1 (the one
//! in use) or SHA-256, inclusive or exclusive canonical XML. Anything else is reported as unsupported, never as
//! valid. Certificates in the message are ignored: a key is trusted only because the province configured it.

use super::canonical::{CanonicalMode, canonical};
use super::public_key;
use super::tree::Element;
use data_encoding::BASE64;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RsaParameters,
    UnparsedPublicKey,
};

text_enum! {
    /// What a signature is worth.
    SignatureCheck {
        /// The message has none.
        Absent = "absent",
        /// It has one, and no key is configured.
        Unchecked = "unchecked",
        /// One of the configured keys made it, and nothing was changed since.
        Valid = "valid",
        /// None of the configured keys made it, or something was changed.
        Invalid = "invalid",
        /// It is made in a way that is not supported.
        Unsupported = "unsupported",
    }
}

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const C14N: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// The trusted public keys.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SignatureKeys(Vec<Vec<u8>>);

impl std::fmt::Debug for SignatureKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignatureKeys({})", self.0.len())
    }
}

impl SignatureKeys {
    /// Adds a PEM key; returns `false` if it contains no RSA key.
    pub fn add(&mut self, pem: &str) -> bool {
        public_key::read(pem).map(|key| self.0.push(key)).is_some()
    }
}

/// Checks the signature of a message.
#[must_use]
pub fn check(root: &Element, keys: &SignatureKeys) -> SignatureCheck {
    let Some(signature) = find_signature(root) else { return SignatureCheck::Absent };
    if keys.0.is_empty() {
        return SignatureCheck::Unchecked;
    }
    match verify(root, signature, keys) {
        None => SignatureCheck::Unsupported,
        Some(true) => SignatureCheck::Valid,
        Some(false) => SignatureCheck::Invalid,
    }
}

/// An empty `Signature` or `DigitalSignature` element counts as no signature.
fn find_signature(element: &Element) -> Option<&Element> {
    if element.is("Signature") && element.child("SignedInfo").is_some() {
        return Some(element);
    }
    element.elements().find_map(find_signature)
}

/// `None` when the algorithm or form is not supported.
fn verify(root: &Element, signature: &Element, keys: &SignatureKeys) -> Option<bool> {
    let info = signature.child("SignedInfo")?;
    let mode = mode_of(info.child("CanonicalizationMethod")?)?;
    let parameters = parameters(algorithm(info.child("SignatureMethod")?)?)?;
    let references: Vec<&Element> = info.all("Reference").collect();
    if references.is_empty() {
        return None;
    }
    for reference in references {
        if !digest_fits(root, signature, reference)? {
            return Some(false);
        }
    }
    let signed = canonical(root, info, None, &mode);
    let Some(value) = decoded(signature.child("SignatureValue")?) else { return Some(false) };
    Some(keys.0.iter().any(|key| UnparsedPublicKey::new(parameters, key).verify(signed.as_bytes(), &value).is_ok()))
}

fn digest_fits(root: &Element, signature: &Element, reference: &Element) -> Option<bool> {
    if reference.attribute("URI").is_some_and(|uri| !uri.is_empty()) {
        return None;
    }
    let (mut is_enveloped, mut mode) = (false, CanonicalMode::Inclusive);
    for transform in reference.child("Transforms")?.all("Transform") {
        if algorithm(transform)?.strip_prefix(DSIG) == Some("enveloped-signature") {
            is_enveloped = true;
        } else {
            mode = mode_of(transform)?;
        }
    }
    if !is_enveloped {
        return None;
    }
    let method = match algorithm(reference.child("DigestMethod")?)? {
        "http://www.w3.org/2000/09/xmldsig#sha1" => &SHA1_FOR_LEGACY_USE_ONLY,
        "http://www.w3.org/2001/04/xmlenc#sha256" => &SHA256,
        _ => return None,
    };
    let expected = decoded(reference.child("DigestValue")?);
    let content = canonical(root, root, Some(signature), &mode);
    Some(expected.is_some_and(|expected| expected == digest(method, content.as_bytes()).as_ref()))
}

fn algorithm(element: &Element) -> Option<&str> {
    element.attribute("Algorithm")
}

fn mode_of(element: &Element) -> Option<CanonicalMode> {
    match algorithm(element)? {
        C14N => Some(CanonicalMode::Inclusive),
        EXCLUSIVE => {
            let listed = element.child("InclusiveNamespaces").and_then(|listed| listed.attribute("PrefixList"));
            Some(CanonicalMode::Exclusive(listed.unwrap_or_default().split_whitespace().map(str::to_owned).collect()))
        }
        _ => None,
    }
}

fn parameters(algorithm: &str) -> Option<&'static RsaParameters> {
    match algorithm {
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1" => Some(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => Some(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        _ => None,
    }
}

fn decoded(element: &Element) -> Option<Vec<u8>> {
    let compact: Vec<u8> = element.text().bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(&compact).ok()
}
