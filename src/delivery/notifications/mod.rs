//! In-app notifications: the list, the live stream, the contact preferences and unsubscribing.

mod feed;
mod list;
pub(super) mod preferences;
pub(super) mod unsubscribe;

pub use feed::{FeedEvent, FeedSubscriber, NotificationEvent, NotificationFeed};
pub use list::{NotificationLine, NotificationList, mark_read, page, reader_of};
pub use preferences::{Preferences, PreferencesChange, prefer, preferences};
pub use unsubscribe::{is_unsubscribed, unsubscribe, unsubscribe_link};
