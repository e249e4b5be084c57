//! What people are told: the list in the application, the stream for those who listen, and what they want to be told by.

mod feed;
mod list;
pub(super) mod preferences;
pub(super) mod unsubscribe;

pub use feed::{FeedEvent, FeedSubscriber, NotificationEvent, NotificationFeed};
pub use list::{NotificationLine, NotificationList, mark_read, page, reader_of};
pub use preferences::{Preferences, PreferencesChange, prefer, preferences};
pub use unsubscribe::{is_unsubscribed, unsubscribe, unsubscribe_link};
