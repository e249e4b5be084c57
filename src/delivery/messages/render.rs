//! Renders a template: facts in; subject, text and HTML out. User input is always escaped, never treated as markup.

use super::Template;
use super::TemplateContext;
use crate::kernel::Lang;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use std::path::Path;

/// The layout of the HTML part.
const LAYOUT: &str = "layout.html";

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        /// Name and text of every template in the binary.
        const BUILT_IN: &[(&str, &str)] = &[
            (LAYOUT, include_str!("templates/layout.html")),
            $(
                (concat!("vi/", $name, ".txt"), include_str!(concat!("templates/vi/", $name, ".txt"))),
                (concat!("en/", $name, ".txt"), include_str!(concat!("templates/en/", $name, ".txt"))),
            )+
        ];
    };
}

built_in!(
    "filed",
    "routed",
    "accepted",
    "transferred",
    "question",
    "extended",
    "answered",
    "shared",
    "refused",
    "merged",
    "reopened",
    "reopening_denied",
    "reorganised",
    "password_reset",
    "contact_code",
    "account_changed",
    "updated",
    "notice",
);

/// A rendered message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedMessage {
    /// One line.
    pub subject: String,
    /// Plain text, ending with the link if there is one.
    pub text: String,
    /// The HTML version of `text`.
    pub html: String,
}

/// A template that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("template {name}: {cause}")]
pub struct TemplateError {
    /// File name.
    pub name: String,
    pub cause: String,
}

impl TemplateError {
    fn new(name: &str, cause: &dyn std::fmt::Display) -> Self {
        Self { name: name.to_owned(), cause: cause.to_string() }
    }
}

/// Every template, parsed.
pub struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// Loads the built-in templates, replacing those for which the folder has a file of the same name.
    ///
    /// # Errors
    /// A file that cannot be read or parsed.
    pub fn load(folder: Option<&Path>) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|name| match name.ends_with(".html") {
            true => AutoEscape::Html,
            false => AutoEscape::None,
        });
        for (name, text) in BUILT_IN {
            let text = match folder.map(|folder| folder.join(name)).filter(|file| file.exists()) {
                None => (*text).to_owned(),
                Some(file) => std::fs::read_to_string(file).map_err(|cause| TemplateError::new(name, &cause))?,
            };
            environment.add_template_owned(*name, text).map_err(|cause| TemplateError::new(name, &cause))?;
        }
        Ok(Self { environment })
    }

    /// Renders a template.
    ///
    /// # Errors
    /// When the template uses an unknown variable, or has no empty line after its subject.
    pub fn fill(
        &self,
        template: Template,
        lang: Lang,
        facts: &TemplateContext,
        unsubscribe: Option<&str>,
    ) -> Result<RenderedMessage, TemplateError> {
        let name = format!("{lang}/{template}.txt");
        let filled = self.fill_one(&name, Value::from(Serde(facts)))?;
        let (subject, body) = filled
            .trim()
            .split_once("\n\n")
            .ok_or_else(|| TemplateError::new(&name, &"the subject is not followed by an empty line"))?;
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        let link_words = match template {
            Template::PasswordReset => lang.pick("Đặt mật khẩu mới", "Set a new password"),
            _ => lang.pick("Xem phản ánh, kiến nghị", "See the petition"),
        };
        let text = match &facts.link {
            Some(link) => format!("{body}\n\n{link_words}: {link}\n\n{}", facts.sender),
            None => format!("{body}\n\n{}", facts.sender),
        };
        let lines = |part: &str| part.lines().map(str::to_owned).collect::<Vec<String>>();
        let paragraphs: Vec<Vec<String>> = body.split("\n\n").map(lines).collect();
        let page = context! {
            lang => lang.as_str(),
            subject => subject.as_str(),
            paragraphs,
            link => facts.link.clone(),
            link_words,
            sender => facts.sender.as_str(),
            unsubscribe => unsubscribe.map(str::to_owned),
            unsubscribe_words => lang.pick("Ngừng nhận thư", "Unsubscribe"),
        };
        let html = self.fill_one(LAYOUT, page)?;
        Ok(RenderedMessage { subject, text, html })
    }

    fn fill_one(&self, name: &str, values: Value) -> Result<String, TemplateError> {
        let template = self.environment.get_template(name).map_err(|cause| TemplateError::new(name, &cause))?;
        template.render(values).map_err(|cause| TemplateError::new(name, &cause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::messages::sample;

    #[test]
    fn every_template_can_be_filled_in_both_languages() {
        let templates = Templates::load(None).unwrap();
        for template in Template::ALL {
            for lang in Lang::ALL {
                let message = templates.fill(*template, *lang, &sample(*lang), Some("https://x/u")).unwrap();
                if *template == Template::PasswordReset {
                    assert!(
                        message.text.contains("https://pakn.bacninh.gov.vn/") && message.text.contains("30"),
                        "{lang}: {}",
                        message.text
                    );
                    continue;
                }
                if matches!(template, Template::ContactCode | Template::AccountChanged) {
                    assert!(message.subject.chars().count() < 120 && message.text.len() > 40, "{template} {lang}: {message:?}");
                    continue;
                }
                assert!(message.subject.contains("BN26-7K3QX9-C"), "{template} {lang}: {}", message.subject);
                assert!(!message.subject.contains('\n') && message.text.len() > 40, "{template} {lang}: {message:?}");
                if *template == Template::Notice {
                    assert!(!format!("{message:?}").contains("Rác thải"), "{lang}: {}", message.text);
                    continue;
                }
                assert!(message.text.contains("Rác thải <tồn đọng>"), "{template} {lang}: {}", message.text);
                assert!(message.html.contains("Rác thải &lt;tồn đọng&gt;"), "{template} {lang}: {}", message.html);
                assert!(!format!("{message:?}").contains("none"), "{template} {lang}: {message:?}");
                // Long texts belong on the web page: a Zalo message has at most 2,000 characters.
                assert!(message.text.chars().count() < 1000, "{template} {lang}");
            }
        }
    }

    #[test]
    fn a_file_of_the_province_replaces_one_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("vi")).unwrap();
        std::fs::write(folder.path().join("vi/filed.txt"), "Chào {{ name }}\n\nMã: {{ code }}").unwrap();
        let templates = Templates::load(Some(folder.path())).unwrap();
        let message = templates.fill(Template::Filed, Lang::Vi, &sample(Lang::Vi), None).unwrap();
        assert_eq!(message.subject, "Chào Nguyễn Thị Ánh");
        for wrong in ["không có dòng trống", "{{ code", "a {{ nothing }}\n\nb"] {
            std::fs::write(folder.path().join("vi/filed.txt"), wrong).unwrap();
            let filled = Templates::load(Some(folder.path()))
                .and_then(|templates| templates.fill(Template::Filed, Lang::Vi, &sample(Lang::Vi), None));
            assert_eq!(filled.unwrap_err().name, "vi/filed.txt", "{wrong}");
        }
    }
}
