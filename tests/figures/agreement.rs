//! Rolled-up rows = petitions one by one = the definitions, for random histories, periods, cut-offs, filters and groups.

use crate::history::{AGENCIES, House, Life, day, house, live, month_of, now};
use crate::oracle;
use chrono::{Days, Duration, Months, NaiveDate};
use pakn::db::service_error::ServiceError;
use pakn::figures::rules::measure::{Measure, MeasureSource};
use pakn::figures::rules::period::{Period, TrendStep};
use pakn::figures::rules::{AgenciesAs, Counters, FigureValue, Figures, GroupBy, Tally, figures};
use pakn::figures::statistics::count::{count, count_without_rows};
use pakn::figures::statistics::groups::{FigureGroup, groups, total};
use pakn::figures::statistics::query::{FigureFilter, FigureQuery};
use pakn::kernel::ids::{AgencyId, CategoryId};
use pakn::kernel::{Instant, Lang};
use pakn::petitions::rules::{Channel, PetitionerKind};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

const SEEDS: u64 = 4;
const QUESTIONS: usize = 40;

fn any_day(dice: &mut StdRng) -> NaiveDate {
    let any = day(2022, 12, 10) + Days::new(dice.random_range(0..260));
    match dice.random_range(0..4) {
        0 => any,
        1 => month_of(any).pred_opt().unwrap(),
        _ => month_of(any),
    }
}

fn any_period(dice: &mut StdRng) -> Period {
    let from = any_day(dice);
    let to = match dice.random_range(0..3) {
        0 => any_day(dice).max(from),
        _ => (month_of(from) + Months::new(dice.random_range(1..5))).pred_opt().unwrap(),
    };
    Period::new(from, to.max(from)).unwrap()
}

fn any_cut_off(dice: &mut StdRng, period: Period) -> Instant {
    let later = Instant::end_of(period.to() + Days::new(dice.random_range(0..60)));
    let inside = period.starts_at().plus(Duration::minutes(dice.random_range(0..60 * 24 * 40)));
    let at =
        *[period.ends_at(), period.ends_at(), later, inside, Instant::end_of(inside.local_date()), now()].choose(dice).unwrap();
    at.min(now())
}

fn any_filter(dice: &mut StdRng) -> FigureFilter {
    let mut filter = FigureFilter::default();
    match dice.random_range(0..8) {
        0 => filter.agencies = Some([AgencyId(*AGENCIES.choose(dice).unwrap()), AgencyId(0)].into()),
        1 => filter.categories = Some(vec![CategoryId(2)]),
        2 => filter.categories = Some(vec![CategoryId(1), CategoryId(3)]),
        3 => filter.channel = Some(Channel::Zalo),
        4 => filter.petitioner_kind = Some(PetitionerKind::Business),
        _ => {}
    }
    if dice.random_bool(0.1) {
        filter.petitioner_kind = Some(PetitionerKind::Citizen);
    }
    filter
}

fn any_question(dice: &mut StdRng) -> FigureQuery {
    let period = any_period(dice);
    let group_by = *GroupBy::ALL.choose(dice).unwrap();
    let steps = match group_by {
        GroupBy::Month => period.split(*TrendStep::ALL.choose(dice).unwrap()),
        _ => Vec::new(),
    };
    // Parts of a period have no flows of their own here: those are counted part by part.
    let measures = Measure::ALL
        .iter()
        .copied()
        .filter(|measure| steps.is_empty() || !matches!(measure.source(), MeasureSource::Flow | MeasureSource::HandOvers))
        .collect();
    let (as_of, filter) = (any_cut_off(dice, period), any_filter(dice));
    let agencies = if dice.random_bool(0.4) { AgenciesAs::Today } else { AgenciesAs::AsWas };
    FigureQuery { period, as_of, now: now(), filter, agencies, group_by, measures, steps }
}

/// Both ways of counting the same question: the total and the rows.
async fn both_ways(house: &House, question: &FigureQuery) -> [(Tally, Vec<FigureGroup>); 2] {
    let (question, app) = (question.clone(), house.app.clone());
    let work = move |connection: &mut pakn::db::DbConnection| {
        let directory = pakn::directory::current(&app, connection)?;
        let by_rows = count(connection, &directory, &question)?;
        let one_by_one = count_without_rows(connection, &directory, &question)?;
        let answer = |cells| (total(cells), groups(&directory, &question, cells, Lang::Vi));
        Ok::<_, ServiceError>([answer(&by_rows), answer(&one_by_one)])
    };
    house.app.db.read(work).await.unwrap()
}

/// Figures, because flows that no measure shows may differ.
fn shown(question: &FigureQuery, (total, groups): &(Tally, Vec<FigureGroup>)) -> Vec<(String, Figures)> {
    let all = [("total".to_owned(), Figures::of(total, &question.measures))];
    let rows = groups.iter().map(|group| (group.key.clone(), group.figures(&question.measures)));
    let nothing = Figures::of(&Tally::default(), &question.measures);
    all.into_iter().chain(rows.filter(|(_, figures)| *figures != nothing)).collect()
}

fn number(tally: &Tally, measure: Measure) -> i64 {
    match figures::value(tally, measure) {
        FigureValue::Count(count) => count,
        other => panic!("{measure} is {other:?}"),
    }
}

#[tokio::test]
async fn rows_and_petitions_say_the_same() {
    for seed in 0..SEEDS {
        let house = house().await;
        live(&house, seed, 45).await;
        let mut dice = StdRng::seed_from_u64(1000 + seed);
        for _ in 0..QUESTIONS {
            let question = any_question(&mut dice);
            let [by_rows, one_by_one] = both_ways(&house, &question).await;
            assert_eq!(shown(&question, &by_rows), shown(&question, &one_by_one), "seed {seed}, {question:?}");
        }
        house.app.close().await;
    }
}

#[tokio::test]
async fn figures_are_what_their_definitions_say() {
    for seed in 100..100 + SEEDS {
        let house = house().await;
        let lives = live(&house, seed, 45).await;
        let mut dice = StdRng::seed_from_u64(seed);
        for _ in 0..QUESTIONS {
            let mut question = any_question(&mut dice);
            question.filter = FigureFilter::default();
            question.group_by = GroupBy::None;
            question.steps = Vec::new();
            question.measures = Measure::ALL.to_vec();
            question.agencies = AgenciesAs::AsWas;
            if dice.random_bool(0.5) {
                question.filter.agencies = Some([AgencyId(*AGENCIES.choose(&mut dice).unwrap())].into());
            }
            for (tally, _) in both_ways(&house, &question).await {
                assert_as_defined(&lives, &question, &tally);
            }
        }
        house.app.close().await;
    }
}

fn assert_as_defined(lives: &[Life], question: &FigureQuery, tally: &Tally) {
    let meant = |row: &pakn::petitions::store::PetitionRow| question.filter.admits(row.agency_id.unwrap_or(AgencyId(0)));
    let said = oracle::of_period(lives, question.period, question.as_of, meant);
    let state = &tally.period;
    let counted = oracle::Said {
        received: state.received,
        handled: state.handled,
        processing_ms: state.processing_ms,
        early: state.handled_early,
        on_time: state.handled_on_time,
        late: state.handled_late,
        overdue: tally.overdue,
        score_sum: state.score_sum(),
        rated: state.rated(),
        refused: state.refused,
        withdrawn: state.withdrawn,
        duplicates: state.duplicates,
        open: state.open,
    };
    assert_eq!(counted, said, "{question:?}");
    let eve = question.period.from().pred_opt().unwrap();
    let before = oracle::open_at(lives, eve, question.period.starts_at().plus(Duration::microseconds(-1)), meant);
    assert_eq!(number(tally, Measure::CarriedOver), before, "{question:?}");
    let after = oracle::open_at(lives, question.period.to(), question.as_of, meant);
    assert_eq!(number(tally, Measure::ClosingBacklog), after, "{question:?}");
    let of = |measure| number(tally, measure);
    assert_eq!(of(Measure::OpenNotDue) + of(Measure::OpenOverdue), of(Measure::Backlog));
    assert_eq!(of(Measure::HandledEarly) + of(Measure::HandledOnTime) + of(Measure::HandledLate), of(Measure::Handled));
}

#[tokio::test]
async fn what_comes_in_goes_out_or_stays() {
    for seed in 200..200 + SEEDS {
        let house = house().await;
        live(&house, seed, 45).await;
        let mut dice = StdRng::seed_from_u64(seed);
        for _ in 0..QUESTIONS {
            let mut question = any_question(&mut dice);
            question.group_by = *[GroupBy::Agency, GroupBy::District, GroupBy::Category].choose(&mut dice).unwrap();
            question.steps = Vec::new();
            question.measures = vec![Measure::ToHandle, Measure::HandOversIn];
            for (total, groups) in both_ways(&house, &question).await {
                for tally in groups.iter().map(|group| &group.tally).chain([&total]) {
                    let of = |measure| number(tally, measure);
                    let into =
                        of(Measure::CarriedOver) + of(Measure::Received) + of(Measure::TransferredIn) + of(Measure::Reopened);
                    let out_of = of(Measure::HandledInPeriod)
                        + of(Measure::TransferredOut)
                        + of(Measure::CarriedSettled)
                        + of(Measure::ClosingBacklog);
                    assert_eq!(into, of(Measure::ToHandle));
                    assert_eq!(into, out_of, "seed {seed}, {question:?}");
                }
                if question.filter.agencies.is_none() {
                    assert_eq!(number(&total, Measure::TransferredIn), number(&total, Measure::TransferredOut));
                    assert_eq!(number(&total, Measure::HandOversIn), number(&total, Measure::HandOversOut));
                }
            }
        }
        house.app.close().await;
    }
}

#[test]
fn a_tally_adds_up() {
    let one = Tally { period: Counters { received: 2, ..Counters::default() }, overdue: 1, ..Tally::default() };
    let mut sum = one.clone();
    sum += &one;
    assert_eq!((sum.period.received, sum.overdue), (4, 2));
}

#[tokio::test]
async fn restated_figures_add_up_to_the_same() {
    let house = house().await;
    live(&house, 400, 90).await;
    let mut dice = StdRng::seed_from_u64(400);
    let mut moved = 0;
    for _ in 0..QUESTIONS {
        let mut question = any_question(&mut dice);
        (question.group_by, question.steps, question.filter.agencies) = (GroupBy::Agency, Vec::new(), None);
        question.agencies = AgenciesAs::AsWas;
        let [(was, before), _] = both_ways(&house, &question).await;
        question.agencies = AgenciesAs::Today;
        for (is, after) in both_ways(&house, &question).await {
            assert_eq!(Figures::of(&is, &question.measures), Figures::of(&was, &question.measures), "{question:?}");
            let key_of = |groups: &[FigureGroup], key: &str| groups.iter().any(|group| group.key == key);
            let ended = "27-258";
            assert!(!after.iter().any(|group| group.key == ended && group.tally != Tally::default()), "{after:?}");
            moved += usize::from(key_of(&before, ended));
        }
    }
    assert!(moved > 10, "the agency that has ended had petitions in {moved} answers");
    house.app.close().await;
}
