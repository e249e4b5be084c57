//! Checks the registers: per agency and year the numbers 1, 2, 3 … without gaps or duplicates, and a counter
//! equal to the last number.

use super::ReportSink;
use super::RunningCheck;
use crate::db::service_error::ServiceError;
use crate::db::{Db, DbConnection, StorageError};
use crate::ops::store::verify::registers::{RegisterNumbers, agency_codes, numbers, registers};

/// Numbers of a broken register read per query.
const PAGE: usize = 10_000;
/// Maximum number of gaps reported per register.
const NAMED_GAPS: usize = 10;

pub(super) async fn check(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("registers");
    let (looked_at, findings) = db.read(look).await?;
    check.find_all(findings, sink);
    Ok(check.end(looked_at, sink))
}

fn look(connection: &mut DbConnection) -> Result<(String, Vec<String>), ServiceError> {
    let codes = agency_codes(connection)?;
    let registers = registers(connection)?;
    let mut findings = Vec::new();
    for register in &registers {
        let name = codes.get(&register.agency_id).map_or_else(|| format!("number {}", register.agency_id), Clone::clone);
        let name = format!("register {} of agency {name}", register.year);
        judge(connection, register, &name, &mut findings)?;
    }
    let documents: i64 = registers.iter().map(|register| register.documents).sum();
    Ok((format!("{} registers, {documents} documents, numbers 1..n", registers.len()), findings))
}

fn judge(
    connection: &mut DbConnection,
    register: &RegisterNumbers,
    name: &str,
    findings: &mut Vec<String>,
) -> Result<(), StorageError> {
    if register.numbers < register.documents {
        let count = register.documents - register.numbers;
        findings.push(format!("{name}: {count} documents have the number of another one"));
    }
    if register.documents > 0 && (register.first != 1 || register.last != register.numbers) {
        let gaps = gaps(connection, register)?;
        for gap in gaps.iter().take(NAMED_GAPS) {
            findings.push(format!("{name}: {gap} missing"));
        }
        if gaps.len() > NAMED_GAPS {
            findings.push(format!("{name}: there are more gaps than these {NAMED_GAPS}"));
        }
    }
    if register.counter != register.last {
        findings.push(format!("{name}: the counter stands at {}, the last number is {}", register.counter, register.last));
    }
    Ok(())
}

/// Formats the missing numbers; collects one gap more than is reported.
fn gaps(connection: &mut DbConnection, register: &RegisterNumbers) -> Result<Vec<String>, StorageError> {
    let mut gaps = Vec::new();
    let mut last = 0;
    loop {
        let page = numbers(connection, register.agency_id, register.year, last, i64::try_from(PAGE).unwrap_or(i64::MAX))?;
        for number in &page {
            match number - last {
                ..=1 => {}
                2 => gaps.push(format!("number {} is", last + 1)),
                _ => gaps.push(format!("numbers {} to {} are", last + 1, number - 1)),
            }
            last = *number;
        }
        if page.len() < PAGE || gaps.len() > NAMED_GAPS {
            return Ok(gaps);
        }
    }
}
