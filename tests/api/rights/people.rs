//! Who walks through the API: every role, keys of other systems, a guest with a tracking token, and an officer whose agency has
//! handed on what it held.

use crate::town::{OWNER, Town};

/// The columns of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Nobody,
    Tracking,
    Citizen,
    Business,
    Clerk,
    Handler,
    Leader,
    Former,
    Coordinator,
    Reviewer,
    Admin,
    KeyExchange,
    KeyOpen311,
}

/// The petitioner with an account whose things are foreign to all others.
pub const OTHER: &str = "khac@example.vn";

impl Who {
    pub const ALL: [Self; 13] = [
        Self::Nobody,
        Self::Tracking,
        Self::Citizen,
        Self::Business,
        Self::Clerk,
        Self::Handler,
        Self::Leader,
        Self::Former,
        Self::Coordinator,
        Self::Reviewer,
        Self::Admin,
        Self::KeyExchange,
        Self::KeyOpen311,
    ];

    /// The heading of the column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Tracking => "tracking",
            Self::Former => "former",
            Self::KeyExchange => "key_exch",
            Self::KeyOpen311 => "key_o311",
            other => other.role().unwrap_or_default(),
        }
    }

    /// The role of the account, where there is one. The earlier holder is a leader.
    pub fn role(self) -> Option<&'static str> {
        match self {
            Self::Citizen => Some("citizen"),
            Self::Business => Some("business"),
            Self::Clerk => Some("clerk"),
            Self::Handler => Some("handler"),
            Self::Leader | Self::Former => Some("leader"),
            Self::Coordinator => Some("coordinator"),
            Self::Reviewer => Some("reviewer"),
            Self::Admin => Some("admin"),
            Self::Nobody | Self::Tracking | Self::KeyExchange | Self::KeyOpen311 => None,
        }
    }

    /// The name in the town; empty without an account.
    pub fn account(self) -> &'static str {
        match self {
            Self::Citizen => OWNER,
            Self::Business => "company@example.vn",
            Self::Former => "deputy",
            other => other.role().unwrap_or_default(),
        }
    }

    pub fn is_petitioner(self) -> bool {
        matches!(self, Self::Citizen | Self::Business)
    }
}

/// The keys of two partners, of both scopes.
pub struct Keys {
    pub exchange: String,
    pub other_exchange: String,
    pub open311: String,
}

impl Keys {
    pub async fn make(town: &Town) -> Self {
        let make = async |name: &str, scope: &str| {
            let body = serde_json::json!({"name": name, "partner": name, "scope": scope, "requests_per_hour": 100_000});
            town.post("admin", "/admin/api-keys", &body).await.expect(201).text_of("/key")
        };
        Self {
            exchange: make("dvcqg", "exchange").await,
            other_exchange: make("khac", "exchange").await,
            open311: make("ung-dung", "open311").await,
        }
    }
}
