//! Words and rules of delivery: channels, states, and the time of the next attempt.
//!
//! Rules: no messages at night ([`quiet_hours`]), and longer and longer retry delays while a receiver is down
//! ([`back_off`]).

pub mod back_off;
pub mod bounce_report;
pub mod quiet_hours;
pub mod webhook;

text_enum! {
    /// A way by which something leaves.
    OutboxChannel {
        /// A message of the Official Account to somebody who follows it.
        Zalo = "zalo",
        /// A notice by phone number (Zalo Notification Service).
        Zns = "zns",
        /// A text message, for what is about an account.
        Sms = "sms",
        /// E-mail.
        Email = "email",
        /// The list of notifications in the application, and nothing else.
        InApp = "in_app",
        /// An event for another system.
        Webhook = "webhook",
    }
}

text_enum! {
    /// Where a line of the outbox stands.
    OutboxState {
        /// Waiting for its time, or for the next attempt.
        Due = "due",
        /// The other side took it.
        Delivered = "delivered",
        /// Given up; somebody has to look at it.
        Dead = "dead",
        /// Nobody to send it to, or they do not want it.
        Dropped = "dropped",
    }
}

text_enum! {
    /// How one attempt ended.
    AttemptOutcome {
        /// The other side took it.
        Delivered = "delivered",
        /// It certainly did not arrive; worth another attempt.
        Unreached = "unreached",
        /// Nobody can tell whether it arrived; the same channel is tried again under the same key.
        Uncertain = "uncertain",
        /// The other side does not want it, whatever is done; the next channel's turn.
        Refused = "refused",
        /// Nothing was sent: this channel has no address for it, or is not wanted.
        Skipped = "skipped",
        /// It came back after it had been taken.
        Bounced = "bounced",
    }
}

impl OutboxChannel {
    /// The channels for a person, in the order in which they are tried.
    pub const FOR_PEOPLE: &'static [Self] = &[Self::Zalo, Self::Zns, Self::Email, Self::InApp];

    /// Returns the channel after this one; `None` after the last.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        let place = Self::FOR_PEOPLE.iter().position(|channel| *channel == self)?;
        Self::FOR_PEOPLE.get(place + 1).copied()
    }

    /// Returns whether the receiver deduplicates by key, so that a message that may have arrived can be sent again.
    /// Mailboxes show a second e-mail even with the same `Message-ID`.
    #[must_use]
    pub const fn knows_repetitions(self) -> bool {
        match self {
            Self::Webhook | Self::InApp => true,
            Self::Zalo | Self::Zns | Self::Sms | Self::Email => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OutboxChannel::{self, Email, InApp, Webhook, Zalo, Zns};

    #[test]
    fn a_person_is_reached_by_one_channel_after_the_other() {
        let chain = std::iter::successors(Some(Zalo), |channel: &OutboxChannel| channel.next());
        assert_eq!(chain.collect::<Vec<_>>(), [Zalo, Zns, Email, InApp]);
        assert_eq!(Webhook.next(), None);
    }
}
