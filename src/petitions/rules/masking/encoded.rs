//! Characters that are written for machines: `&nbsp;`, `&#48;`, `%20`, `<br>`. A page or an address shows what they stand for.
//!
//! Enters the rest of a text, leaves the character at its beginning and the bytes that stand for it. Rule: a tag is one without
//! attributes, so that no words hide in it.

/// The names of characters that part or join what somebody wants to hide.
const NAMED: &[(&str, char)] = &[
    ("nbsp", ' '),
    ("ensp", ' '),
    ("emsp", ' '),
    ("thinsp", ' '),
    ("Tab", ' '),
    ("NewLine", '\n'),
    ("shy", '-'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("ndash", '-'),
    ("mdash", '-'),
    ("lowbar", '_'),
    ("period", '.'),
    ("middot", '.'),
    ("comma", ','),
    ("sol", '/'),
    ("commat", '@'),
    ("num", '#'),
    ("plus", '+'),
    ("lpar", '('),
    ("rpar", ')'),
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '\''),
    ("apos", '\''),
];
/// Tags that only change how a text looks.
const TAGS: &[&str] =
    &["br", "b", "i", "u", "s", "p", "em", "strong", "span", "div", "wbr", "small", "big", "mark", "sub", "sup", "li"];
/// The longest name or number between `&` and `;`.
const LONGEST_NAME: usize = 8;

/// The character that a text begins with in such a form, and how many bytes it takes.
pub(super) fn read(text: &str) -> Option<(char, usize)> {
    match text.as_bytes().first()? {
        b'&' => entity(text),
        b'%' => percent(text),
        b'<' => tag(text),
        _ => None,
    }
}

fn entity(text: &str) -> Option<(char, usize)> {
    let rest = text.get(1..)?;
    let length = rest.bytes().take(LONGEST_NAME + 1).position(|byte| byte == b';')?;
    let name = rest.get(..length)?;
    let character = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((character, length + 2))
}

/// One character in UTF-8, each byte as `%` and two digits.
fn percent(text: &str) -> Option<(char, usize)> {
    let mut bytes = Vec::new();
    for group in text.as_bytes().chunks(3).take(4) {
        let [b'%', digits @ ..] = group else { break };
        let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.len() == 2 && digits.is_ascii())?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        if let Ok(decoded) = std::str::from_utf8(&bytes) {
            return Some((decoded.chars().next()?, bytes.len() * 3));
        }
    }
    None
}

fn tag(text: &str) -> Option<(char, usize)> {
    let length = text.bytes().take(12).position(|byte| byte == b'>')?;
    let name = text.get(1..length)?.trim_matches(['/', ' ']);
    TAGS.iter().any(|tag| name.eq_ignore_ascii_case(tag)).then_some((' ', length + 1))
}
