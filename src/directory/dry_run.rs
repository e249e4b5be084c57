//! Dry run of routing rules: routes past petitions by the current and by changed rules, and counts the differences.
//!
//! Nothing is stored, and no petitioner data is read. Both sets of rules are evaluated for the time of filing, so
//! the agencies are those of that day.

use super::checks;
use super::current;
use super::routing_rules::{NewRoutingRule, checked};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::directory::rules::directory::Directory;
use crate::directory::rules::routing_rule::{RoutingConditions, RoutingInput, RoutingRule, RoutingTarget};
use crate::directory::store::replay::{PastPetition, past_petitions};
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::{AgencyId, PetitionId, RoutingRuleId};
use crate::kernel::validity::Validity;
use crate::petitions::concealed::readable_words;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Petitions per query.
const PAGE: i64 = 1000;
const MOST_EXAMPLES: usize = 20;
const MOST_RULES: usize = 1000;
const MOST_DAYS: i64 = 1100;

/// Changed rules and the days whose petitions they are tried on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DryRun {
    /// Every rule, in the order in which they would be tried.
    pub rules: Vec<TrialRule>,
    /// First day of receipt.
    pub from: NaiveDate,
    /// Last day of receipt.
    pub to: NaiveDate,
}

/// A rule to be tried.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialRule {
    /// What people call it.
    pub name: Option<String>,
    /// What it matches; everything, when empty.
    #[serde(default)]
    pub conditions: RoutingConditions,
    /// Where it sends.
    pub target: RoutingTarget,
}

/// What the changed rules would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DryRunReport {
    /// Petitions that were tried.
    pub petitions: u64,
    /// Petitions that would go elsewhere.
    pub moved: u64,
    /// From where to where, the most frequent first.
    pub moves: Vec<Move>,
    /// Some of the petitions that would go elsewhere, the oldest first.
    pub examples: Vec<MoveExample>,
}

/// How many petitions would go to another agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Move {
    /// Agency by the rules of today; null = the coordinator.
    #[schema(required)]
    pub from: Option<MovedAgency>,
    /// Agency by the changed rules; null = the coordinator.
    #[schema(required)]
    pub to: Option<MovedAgency>,
    /// How many petitions.
    pub count: u64,
}

/// An agency in a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MovedAgency {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// One petition that would go elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MoveExample {
    /// Code of the petition.
    pub code: String,
    /// Code of the agency by the rules of today; null = the coordinator.
    #[schema(required)]
    pub from: Option<String>,
    /// Code of the agency by the changed rules; null = the coordinator.
    #[schema(required)]
    pub to: Option<String>,
}

/// Evaluates changed rules on past petitions.
///
/// # Errors
/// 422 for each invalid field.
pub async fn dry_run(app: &App, command: DryRun) -> Result<DryRunReport, ServiceError> {
    let today = app.now().local_date();
    let for_closure = app.clone();
    app.db
        .read(move |connection| {
            let present = current(&for_closure, connection)?;
            let trial = present.with_routing_rules(checked_rules(&command, &present, today)?);
            let mut tally = DryRunTally::default();
            let mut after = PetitionId(0);
            loop {
                let mut page = past_petitions(connection, command.from, command.to, after, PAGE)?;
                let Some(last) = page.last() else { break };
                after = last.id;
                let ids: Vec<PetitionId> = page.iter().map(|petition| petition.id).collect();
                // The words of an anonymous petitioner would reveal to the administration which petition is theirs.
                let mut read = readable_words(connection, &ids)?;
                for petition in &mut page {
                    petition.folded_text = read.remove(&petition.id).unwrap_or_else(|| std::mem::take(&mut petition.folded_text));
                }
                page.iter().for_each(|petition| tally.count(petition, &present, &trial));
            }
            Ok(tally.report(&present))
        })
        .await
}

fn checked_rules(command: &DryRun, directory: &Directory, today: NaiveDate) -> Result<Vec<RoutingRule>, ServiceError> {
    let mut problems = FieldProblems::default();
    problems.take("from", checks::day(command.from));
    problems.take("to", checks::day(command.to));
    if command.to < command.from {
        problems.add("to", FieldRule::MustNotBeBefore("from".to_owned()));
    } else if (command.to - command.from).num_days() > MOST_DAYS {
        problems.add("to", FieldRule::Between("from".to_owned(), format!("from + {MOST_DAYS}")));
    }
    if command.rules.len() > MOST_RULES {
        problems.add("rules", FieldRule::Between("0".to_owned(), MOST_RULES.to_string()));
    }
    let mut rules = Vec::new();
    for (position, trial) in (0_i32..).zip(command.rules.iter().take(MOST_RULES)) {
        let new = NewRoutingRule {
            name: trial.name.clone().unwrap_or_else(|| position.to_string()),
            conditions: trial.conditions.clone(),
            target: trial.target.clone(),
            position: None,
            valid_from: None,
        };
        let rule = checked(&new, directory, today, &format!("rules[{position}]."), &mut problems);
        let id = RoutingRuleId(i64::from(position));
        rules.push(RoutingRule { id, position, validity: Validity::since(NaiveDate::MIN), ..rule });
    }
    problems.finish()?;
    Ok(rules)
}

/// The intermediate result.
#[derive(Default)]
struct DryRunTally {
    petitions: u64,
    moved: u64,
    moves: BTreeMap<(Option<AgencyId>, Option<AgencyId>), u64>,
    examples: Vec<(String, Option<AgencyId>, Option<AgencyId>)>,
}

impl DryRunTally {
    fn count(&mut self, petition: &PastPetition, present: &Directory, trial: &Directory) {
        let question = RoutingInput {
            category: petition.category_id,
            area: petition.area_id,
            petitioner_kind: petition.petitioner_kind,
            channel: petition.channel,
            folded_text: &petition.folded_text,
            at: petition.received_at,
        };
        let (from, to) = (present.route(&question).agency_id, trial.route(&question).agency_id);
        self.petitions += 1;
        if from == to {
            return;
        }
        self.moved += 1;
        *self.moves.entry((from, to)).or_default() += 1;
        if self.examples.len() < MOST_EXAMPLES {
            self.examples.push((petition.code.clone(), from, to));
        }
    }

    fn report(self, directory: &Directory) -> DryRunReport {
        let agency = |id: Option<AgencyId>| {
            let agency = directory.agency(id?)?;
            Some(MovedAgency { code: agency.code.clone(), name: agency.name.clone() })
        };
        let code = |id: Option<AgencyId>| agency(id).map(|agency| agency.code);
        let counted = |((from, to), count)| Move { from: agency(from), to: agency(to), count };
        let mut moves: Vec<Move> = self.moves.into_iter().map(counted).collect();
        moves.sort_by_key(|one| std::cmp::Reverse(one.count));
        let shown = |(petition, from, to)| MoveExample { code: petition, from: code(from), to: code(to) };
        DryRunReport {
            petitions: self.petitions,
            moved: self.moved,
            moves,
            examples: self.examples.into_iter().map(shown).collect(),
        }
    }
}
