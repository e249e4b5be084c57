//! Output of the benchmarks: the measurement, its comparison, the machine and its load.

use std::fs;

pub fn title(text: &str) {
    println!("\n{text}\n{}", "-".repeat(text.chars().count()));
}

/// Prints a ratio with its minimum.
pub fn at_least(what: &str, ratio: f64, target: f64) {
    println!("{what}: {ratio:.2} (target: at least {target}) {}", verdict(ratio >= target));
}

/// Prints a value with its maximum.
pub fn at_most(what: &str, figure: f64, limit: f64, unit: &str) {
    println!("{what}: {figure:.1} {unit} (target: at most {limit} {unit}) {}", verdict(figure <= limit));
}

/// Prints the machine load, for comparing two runs.
pub fn machine() {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split(' ').take(2).collect();
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    println!("load of the last minute and five: {}; {processors} processors", load.join(", "));
}

/// Returns the median; for an even number of values, the lower middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

const fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}
