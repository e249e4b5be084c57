//! Disables officer accounts that have not been used for too long (TCVN 14423:2026, 5.6); an administrator has to
//! enable them again.
//!
//! Called by the worker. Rule: the last administrator of an installation is never disabled.

use super::audit_events;
use crate::accounts::store::officers::{self, OfficerFilter};
use crate::accounts::store::profiles::{self, AccountChanges};
use crate::accounts::store::{activity, sessions};
use crate::app::App;
use crate::audit::{self, AuditActor};
use crate::db::service_error::ServiceError;
use crate::kernel::account::{AccountState, Role};
use chrono::{Days, Duration};

/// Accounts per transaction.
const AT_ONCE: i64 = 200;

/// Disables officers who have not used their account for `idle_days` days (a setting); returns how many.
pub async fn disable_idle(app: &App) -> Result<usize, ServiceError> {
    let (now, days) = (app.now(), app.config.idle_days);
    let Some(since) = now.local_date().checked_sub_days(Days::new(u64::from(days))).filter(|_| days > 0) else {
        return Ok(0);
    };
    let made_before = now.plus(-Duration::days(i64::from(days)));
    let by = AuditActor::system();
    let disabled = app
        .db
        .write(move |connection| {
            let idle = activity::idle_officers(connection, since, made_before, AT_ONCE)?;
            let admins = OfficerFilter { role: Some(Role::Admin), state: Some(AccountState::Active), agencies: None };
            let mut disabled = Vec::new();
            for id in idle {
                let account = profiles::find(connection, id)?;
                let is_last_admin = account.roles.contains(&Role::Admin)
                    && officers::list(connection, &admins, crate::kernel::ids::AccountId(0), 2)?.len() < 2;
                if is_last_admin {
                    continue;
                }
                let changes = AccountChanges { state: Some(AccountState::Disabled), ..AccountChanges::default() };
                if profiles::change(connection, id, account.version, &changes, None)? {
                    sessions::end_all(connection, id, None, now)?;
                    let changed = profiles::find(connection, id)?;
                    audit::write(connection, &by, now, &audit_events::changed("disable_idle_account", &account, &changed))?;
                    disabled.push(id);
                }
            }
            Ok::<_, ServiceError>(disabled)
        })
        .await?;
    for id in &disabled {
        tracing::info!(account = %id, days, "idle account disabled");
    }
    Ok(disabled.len())
}
