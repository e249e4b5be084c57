//! `pakn message preview`: renders the message templates with sample data. `pakn message returned`: processes a
//! bounced e-mail.

use crate::app::App;
use crate::config::Config;
use crate::delivery::messages::{Template, Templates, sample};
use crate::delivery::outbox::{BounceOutcome, bounce};
use crate::kernel::Lang;
use clap::{Args, Subcommand};
use std::io::Read as _;

/// Looks at messages before anybody gets them.
#[derive(Debug, Subcommand)]
pub(super) enum MessageCommand {
    /// Fills a template with made-up facts and writes it to the terminal.
    Preview(Preview),
    /// Takes a mail that came back from standard input, as a mail server hands it over; exit status 75 asks it to come again.
    Returned(ReturnedMail),
}

/// A mail that came back.
#[derive(Debug, Args)]
pub(super) struct ReturnedMail {
    /// The address to which it came; without it that is looked for in its head.
    #[arg(long)]
    recipient: Option<String>,
}

/// The mail server should retry later: the failure is not caused by the mail.
#[derive(Debug, thiserror::Error)]
#[error("come again later: {0}")]
pub(super) struct TemporaryFailure(String);

/// Maximum bytes read of a bounced mail: the delivery report comes before the returned message.
const MOST_BYTES: u64 = 1024 * 1024;

impl ReturnedMail {
    /// Processes the bounced mail and prints the result.
    pub async fn run(self, app: &App) -> anyhow::Result<()> {
        let mut mail = Vec::new();
        std::io::stdin().take(MOST_BYTES).read_to_end(&mut mail)?;
        let done = bounce(app, &String::from_utf8_lossy(&mail), self.recipient.as_deref()).await;
        match done.map_err(|error| TemporaryFailure(error.to_string()))? {
            BounceOutcome::Lost => outln!("the letter is lost; the next channel has its turn"),
            BounceOutcome::NoLoss => outln!("no report of a loss"),
            BounceOutcome::Unknown => outln!("names no letter that waits to be known as lost"),
        }
        Ok(())
    }
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
    /// Renders and prints the messages.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        match self {
            Self::Preview(preview) => preview.run(&config),
            Self::Returned(mail) => super::with_existing(config, async |app| mail.run(app).await)
                .await
                .map_err(|error| TemporaryFailure(format!("{error:#}")).into()),
        }
    }
}

impl Preview {
    fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self { template, lang, html } = self;
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
                true => outln!("{}", message.html),
                false => outln!("== {template} ==\n{}\n\n{}\n", message.subject, message.text),
            }
        }
        Ok(())
    }
}
