//! The channels an account wants messages by, and their language.

use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::delivery::store::contacts::{self, PreferencesRow};
use crate::kernel::Lang;
use crate::kernel::account::{AccountKind, Actor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an account wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Preferences {
    /// E-mail.
    pub email: bool,
    /// Zalo.
    pub zalo: bool,
    /// The language of messages.
    pub lang: Lang,
}

/// What is to change; what is left out stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferencesChange {
    /// E-mail.
    pub email: Option<bool>,
    /// Zalo.
    pub zalo: Option<bool>,
    /// The language of messages.
    pub lang: Option<Lang>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { email: true, zalo: true, lang: Lang::Vi }
    }
}

impl From<PreferencesRow> for Preferences {
    fn from(row: PreferencesRow) -> Self {
        Self { email: row.email, zalo: row.zalo, lang: row.lang }
    }
}

/// Returns the preferences of an account; the default is every channel, in Vietnamese.
pub async fn preferences(app: &App, actor: &Actor) -> Result<Preferences, ServiceError> {
    let account = actor.account_id;
    let known = app.db.read(move |connection| Ok::<_, ServiceError>(contacts::preferences(connection, account)?)).await?;
    Ok(known.map(Preferences::from).unwrap_or_default())
}

/// Changes the preferences of an account; applies to future messages.
pub async fn prefer(app: &App, actor: &Actor, change: PreferencesChange) -> Result<Preferences, ServiceError> {
    let (account_id, updated_at, is_officer) = (actor.account_id, app.now(), actor.kind == AccountKind::Officer);
    audit::transaction(app, &AuditActor::account(actor), move |connection| {
        let present = contacts::preferences(connection, account_id)?.map(Preferences::from).unwrap_or_default();
        let wanted = Preferences {
            email: change.email.unwrap_or(present.email),
            zalo: change.zalo.unwrap_or(present.zalo),
            lang: change.lang.unwrap_or(present.lang),
        };
        let Preferences { email, zalo, lang } = wanted;
        contacts::prefer(connection, &PreferencesRow { account_id, email, zalo, lang, updated_at })?;
        let event = AuditEvent::new("change_preferences", "account", account_id).updated(&present, &wanted);
        Ok((wanted, if is_officer { event } else { AuditEvent::none() }))
    })
    .await
}
