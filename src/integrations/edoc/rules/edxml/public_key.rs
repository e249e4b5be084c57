//! Parses an RSA public key. Enters: PEM (`PUBLIC KEY` or `RSA PUBLIC KEY`). Leaves: PKCS#1 DER for verification.

use data_encoding::BASE64;

/// Returns the key as PKCS#1 DER; `None` when the text contains no RSA key.
pub(super) fn read(pem: &str) -> Option<Vec<u8>> {
    let begin = pem.find("-----BEGIN ")?;
    let rest = pem.get(begin..)?;
    let (head, rest) = rest.strip_prefix("-----BEGIN ")?.split_once("-----")?;
    let body = rest.split_once("-----END ")?.0;
    let compact: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let der = BASE64.decode(&compact).ok()?;
    match head {
        "RSA PUBLIC KEY" => Some(der),
        "PUBLIC KEY" => inner(&der),
        _ => None,
    }
}

/// `SubjectPublicKeyInfo` is a sequence of an algorithm and a bit string containing the key.
fn inner(der: &[u8]) -> Option<Vec<u8>> {
    /// `rsaEncryption`, OID 1.2.840.113549.1.1.1.
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    let (info, _) = value(der, 0x30)?;
    let (algorithm, rest) = value(info, 0x30)?;
    let (identifier, _) = value(algorithm, 0x06)?;
    let (bits, _) = value(rest, 0x03)?;
    let (unused, key) = bits.split_first()?;
    (identifier == RSA && *unused == 0).then(|| key.to_vec())
}

/// Splits off the leading value with that tag; returns its content and the rest.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            (digits.iter().fold(0, |sum, digit| sum * 256 + usize::from(*digit)), rest)
        }
        _ => return None,
    };
    if *found == tag { rest.split_at_checked(length) } else { None }
}
