//! Finds e-mail addresses, social network names, number plates and passports: identifiers that are not plain numbers.
//!
//! Takes the folded text, returns spans. Addresses may be obfuscated for human readers: `a [at] b chấm vn`.

use super::folded_text::FoldedText;
use super::pattern::patterns;
use std::ops::Range;

/// Maximum characters between a plate or passport and the keyword before it.
const REACH: usize = 30;

patterns! {
    /// a@b.vn, a @ b . vn, a (at) b (dot) vn, a còng b chấm vn.
    EMAIL = r"[a-z0-9._%+-]*[a-z0-9_%+-]
        \x20{0,2}(?:@|[\[({<]\x20?(?:@|at|a\x20?cong|a-cong)\x20?[\])}>]|\x20(?:at|a[\x20-]?cong)\x20)\x20{0,2}
        [a-z0-9-]+(?:(?:\x20{0,2}[\[({<]\x20?(?:\.|dot|cham|phay)\x20?[\])}>]\x20{0,2}|\x20(?:dot|cham)\x20|\x20?\.\x20?)
        (?:[a-z0-9-]+\.)*(?:vn|com|net|org|edu|gov|info|io|me|biz|asia|name|pro|xyz|co|us|fr|de|jp|kr|uk|au|ca|ru|cn)\b|\.[a-z0-9-]+)+";
    /// Mailboxes of an authority as such, not of a person working there.
    OFFICE = r"\A(?:ubnd|hdnd|vp|vanphong|so|stnmt|sxd|sgtvt|syt|sgddt|stttt|phong|congan|motcua|tiepdan|pakn|hotline|duongdaynong|lienhe|hotro|bbt|contact|info)[a-z0-9]*@(?:[a-z0-9-]+\.)*gov\.vn\z";
    /// Anything with an at sign between letters, or a handle after an at sign.
    AT = r"[a-z0-9._%+-]*[a-z0-9_]@[a-z0-9][a-z0-9._-]*[a-z0-9]|\B@[a-z0-9_.]{2,}[a-z0-9_]";
    /// an.nguyen gmail.com, an.nguyen gmail chấm com.
    WITHOUT_AT = r"\b[a-z0-9][a-z0-9._-]{2,}[\x20,:-]{1,3}(?:a[\x20-]?cong\x20|at\x20)?(?:gmail|yahoo|hotmail|outlook|icloud|ymail|proton|protonmail|live)(?:\.|\x20?(?:cham|dot|\[dot\]|\(dot\)|\.)\x20?)(?:com|vn|net|me)(?:\.vn)?\b";
    /// Links to personal pages.
    LINK = r"(?:https?\x20?:\x20?/\x20?/\x20?)?(?:www\.|m\.|vi-vn\.|web\.)?(?:facebook\.com|fb\.com|fb\.me|fb\.watch|m\.me|messenger\.com|zalo\.me|chat\.zalo\.me|t\.me|telegram\.me|wa\.me|viber\.click|instagram\.com|tiktok\.com|twitter\.com|x\.com|threads\.net|linkedin\.com|youtube\.com)\x20?/\x20?[a-z0-9@._/?=&%+-]*[a-z0-9/]";
    /// FB: nguyen.van.an.99
    HANDLE = r"\b(?:facebook|fb|zalo|telegram|skype|viber|instagram|tiktok|nick)(?:\x20(?:id|nick|la))?\x20?[:=]\x20?[a-z0-9_.-]*[a-z0-9_][._0-9][a-z0-9_.-]*[a-z0-9_]";
    /// Cars: 99A-123.45, 29LD 12345.
    CAR = r"\b[1-9]\d[\x20._-]{0,2}[a-z]{1,2}[\x20._-]{0,3}\d{3}[\x20._-]{0,2}\d{2}\b";
    /// Motorcycles: 99-B1 234.56, 99B1-2345.
    MOTORCYCLE = r"\b[1-9]\d[\x20._-]{0,3}[a-z]{1,2}\d[\x20\n._/-]{0,3}(?:\d{3}[\x20._-]{0,2}\d{2}|\d{4})\b";
    /// Older cars: 99A-1234.
    OLD_CAR = r"\b[1-9]\d[\x20-]?[a-z][._-]\d{4}\b";
    /// Diplomatic and foreign ones: 80-123-NG-45.
    FOREIGN_CAR = r"\b\d{2}[\x20-]?\d{3}[\x20-]?(?:ng|nn|qt|cd)[\x20-]?\d{2}\b|\b\d{2}[\x20-]?(?:ng|nn|qt|cd)[\x20-]?\d{3}[\x20.-]?\d{2}\b";
    /// Keywords before a plate.
    BEHIND_PLATE = r"\b(?:bien\x20so|bien\x20kiem\x20soat|bks|bsx|bien|xe|o\x20to|xe\x20may)\b[^0-9\x01\n]{0,12}$";
    /// A number with a unit looks like the start of a plate: 20 ha 12345.
    UNIT = r"\A\d\d\x20?(?:m|cm|km|mm|ha|h|kg|g|l|d|k|p|tr|ty)\x20";
    /// B1234567.
    PASSPORT = r"\b[a-z]{1,2}\d{7,8}\b|\b[bcpnek][\x20-]\d{7}\b|\b[bcpn][\x20-]?\d{3}[\x20.-]\d{4}\b|\b[bcpn][\x20-]?\d{4}[\x20.-]\d{3}\b|\b[bcpn][\x20-]?\d{2}[\x20.-]\d{2}[\x20.-]\d{3}\b";
}

/// Returns e-mail addresses and links. Mailboxes of authorities are public; the mailbox of a petitioner who works there
/// is masked as known data.
pub(super) fn addresses(view: &FoldedText) -> Vec<Range<usize>> {
    let signs = view.ascii.as_slice();
    let patterns = [&EMAIL, &AT, &WITHOUT_AT, &LINK, &HANDLE];
    let spans = patterns.into_iter().flat_map(|pattern| pattern.spans(signs));
    spans.filter(|span| !OFFICE.is_in(view.slice(span.clone()))).collect()
}

/// Returns number plates of cars and motorcycles.
pub(super) fn plates(view: &FoldedText) -> Vec<Range<usize>> {
    let signs = view.ascii.as_slice();
    let is_plate = |span: &Range<usize>| {
        let before = view.slice(span.start.saturating_sub(REACH)..span.start);
        BEHIND_PLATE.is_in(before) || !UNIT.is_in(view.slice(span.clone()))
    };
    let patterns = [&CAR, &MOTORCYCLE, &OLD_CAR, &FOREIGN_CAR];
    patterns.into_iter().flat_map(|pattern| pattern.spans(signs)).filter(is_plate).collect()
}

/// Returns passport numbers.
pub(super) fn passports(view: &FoldedText) -> Vec<Range<usize>> {
    PASSPORT.spans(&view.ascii).collect()
}
