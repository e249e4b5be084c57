//! Decodes characters in machine notation: `&nbsp;`, `&#48;`, `%20`, `<br>`, which a page or link shows decoded.
//!
//! Takes the rest of a text, returns the character it starts with and the length in bytes. Only tags without attributes
//! are skipped, so that no words can hide in one.

/// Named entities that could be used to split or join text to hide it.
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
/// Maximum length of a name or number between `&` and `;`.
const LONGEST_NAME: usize = 8;

/// Decodes the character at the start of the text; returns it with its length in bytes.
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

/// One UTF-8 character, each byte as `%` and two hex digits.
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
