//! The language of the response, from `Accept-Language`: Vietnamese unless English is preferred.

use crate::kernel::Lang;
use crate::web::Problem;
use actix_web::dev::Payload;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};

/// The language of the response.
#[derive(Debug, Clone, Copy)]
pub struct Language(pub Lang);

impl FromRequest for Language {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(preferred(request.headers()))))
    }
}

/// Returns the preferred language; never fails, because a language is no reason to reject a request.
#[must_use]
pub fn preferred(headers: &HeaderMap) -> Lang {
    let text = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best: (f32, Lang) = (0.0, Lang::Vi);
    for range in text.split(',') {
        let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
        let weight = match parameters.trim().strip_prefix("q=") {
            Some(number) => number.parse().unwrap_or(0.0),
            None => 1.0,
        };
        let primary = tag.trim().split('-').next().unwrap_or_default();
        let lang = match primary.to_ascii_lowercase().as_str() {
            "vi" => Lang::Vi,
            "en" => Lang::En,
            _ => continue,
        };
        if weight > best.0 {
            best = (weight, lang);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn the_heaviest_known_language_wins() {
        for (text, lang) in [
            ("", Lang::Vi),
            ("en", Lang::En),
            ("en-GB,en;q=0.9", Lang::En),
            ("vi-VN,vi;q=0.9,en;q=0.8", Lang::Vi),
            ("vi;q=0.3, en;q=0.8", Lang::En),
            ("fr, de;q=0.9, en;q=0.1", Lang::En),
            ("fr", Lang::Vi),
            ("en;q=0", Lang::Vi),
            (";;;,=,q", Lang::Vi),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(text).unwrap());
            assert_eq!(preferred(&headers), lang, "{text}");
        }
    }
}
