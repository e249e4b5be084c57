//! What is public: only answered petitions, no name of a petitioner, nothing that looks like a phone number, an id or an e-mail
//! address, no exact place.

use super::{Running, Sink};
use crate::domain::ids::PetitionId;
use crate::domain::location::Location;
use crate::domain::masking::{Known, mask};
use crate::services::error::ServiceError;
use crate::storage::Db;
use crate::storage::publications::PublicationRow;
use crate::storage::verify::publications::{Published, page};

/// Publications of one span.
const SPAN: i64 = 500;

pub(super) async fn check(db: &Db, sink: Sink<'_>) -> Result<usize, ServiceError> {
    let mut check = Running::new("publications");
    let (mut after, mut count) = (PetitionId(0), 0);
    loop {
        let published = db.read(move |connection| Ok::<_, ServiceError>(page(connection, after, SPAN)?)).await?;
        let Some((last, ..)) = published.last() else { break };
        after = last.petition_id;
        count += published.len();
        check.find_all(published.iter().flat_map(judge).collect(), sink);
    }
    Ok(check.end(format!("{count} publications, without personal data"), sink))
}

fn judge((publication, code, status, first_answered_at, names): &Published) -> Vec<String> {
    let mut findings = Vec::new();
    if first_answered_at.is_none() || !status.is_valid() {
        findings.push(format!("{code}: it is published and has not been answered"));
    }
    let texts = [("title", &publication.title), ("content", &publication.content), ("answer", &publication.answer)];
    let known = Known::nobody().name(names.0.as_deref()).company(names.1.as_deref());
    for (field, text) in texts {
        if mask(text, &known) != *text {
            findings
                .push(format!("{code}: its public {field} holds a name, or what looks like a phone number, an id or an e-mail"));
        }
    }
    if !is_rounded(publication) {
        findings.push(format!("{code}: its public place is not rounded"));
    }
    findings
}

fn is_rounded(publication: &PublicationRow) -> bool {
    match (publication.latitude, publication.longitude) {
        (None, None) => true,
        (Some(latitude), Some(longitude)) => {
            Location::new(latitude, longitude).is_ok_and(|place| place.rounded_for_public() == place)
        }
        _ => false,
    }
}
