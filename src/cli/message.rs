//! `pakn message preview`: what people would get, with made-up facts.

use crate::config::Config;
use crate::domain::Lang;
use crate::services::messages::{Template, Templates, sample};
use clap::{Args, Subcommand};

/// Looks at messages before anybody gets them.
#[derive(Debug, Subcommand)]
pub(super) enum MessageCommand {
    /// Fills a template with made-up facts and writes it to the terminal.
    Preview(Preview),
}

/// Which message to show.
#[derive(Debug, Args)]
pub(super) struct Preview {
    /// Name of the template, as `answered`; all of them when it is left out.
    template: Option<String>,
    /// `vi` or `en`.
    #[arg(long, default_value = "vi")]
    lang: String,
    /// Writes the page instead of the text.
    #[arg(long)]
    html: bool,
}

impl MessageCommand {
    /// Writes the messages.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Preview(Preview { template, lang, html }) = self;
        let lang: Lang = lang.parse().map_err(|_| anyhow::anyhow!("there are vi and en, not {lang}"))?;
        let wanted = match template {
            None => Template::ALL.to_vec(),
            Some(name) => {
                let known = Template::ALL.iter().map(|template| template.as_str()).collect::<Vec<_>>().join(", ");
                vec![name.parse().map_err(|_| anyhow::anyhow!("there is no template {name}; there are {known}"))?]
            }
        };
        let templates = Templates::load(config.templates_dir.as_deref())?;
        for template in wanted {
            let message = templates.fill(template, lang, &sample(lang), Some("https://pakn.bacninh.gov.vn/unsubscribe"))?;
            match html {
                true => println!("{}", message.html),
                false => println!("== {template} ==\n{}\n\n{}\n", message.subject, message.text),
            }
        }
        Ok(())
    }
}
