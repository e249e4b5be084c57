//! The petitions behind a figure are as many as the figure says, whatever the question.

use crate::history::{house, live};
use pakn::figures::rules::FigureValue;
use pakn::figures::rules::measure::Measure;
use pakn::figures::statistics::parse_query::FigureParams;
use pakn::figures::statistics::{DrillDownPage, SummaryParams, drill_down, summary};
use pakn::kernel::Lang;
use pakn::kernel::account::{AccountKind, Actor, Role};
use pakn::kernel::ids::AccountId;

fn reviewer() -> Actor {
    Actor { account_id: AccountId(1), kind: AccountKind::Officer, roles: vec![Role::Reviewer], agency_id: None }
}

fn questions() -> Vec<FigureParams> {
    let of = |from: &str, to: &str, as_of: Option<&str>| FigureParams {
        from: Some(from.to_owned()),
        to: Some(to.to_owned()),
        as_of: as_of.map(str::to_owned),
        ..FigureParams::default()
    };
    vec![
        of("2023-01-01", "2023-03-31", None),
        of("2023-02-01", "2023-02-28", Some("2023-05-15")),
        FigureParams { district: Some("256".to_owned()), ..of("2023-02-10", "2023-04-20", Some("2023-04-25T13:30:00+07:00")) },
        FigureParams { petitioner_kind: Some("business".to_owned()), ..of("2023-03-01", "2023-09-14", None) },
        FigureParams { agency: Some("coordination".to_owned()), ..of("2023-01-01", "2023-06-30", None) },
    ]
}

#[tokio::test]
async fn the_count_is_the_figure() {
    for seed in 400..402 {
        let house = house().await;
        live(&house, seed, 40).await;
        for words in questions() {
            let all = Measure::ALL.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let asked = SummaryParams { words: words.clone(), measures: Some(all), ..SummaryParams::default() };
            let figures = summary(&house.app, asked, Lang::Vi).await.unwrap().total;
            for (measure, value) in figures.0 {
                let FigureValue::Count(figure) = value else { continue };
                let part = DrillDownPage { after: None, limit: 1000 };
                let behind = drill_down(&house.app, Some(reviewer()), words.clone(), Some(measure.to_string()), part, Lang::Vi);
                let behind = behind.await.unwrap();
                assert_eq!(behind.count, figure, "{measure}, seed {seed}, {words:?}");
                assert_eq!(behind.items.iter().map(|item| item.times).sum::<i64>(), figure, "{measure}, {words:?}");
            }
        }
        house.app.close().await;
    }
}

#[tokio::test]
async fn pages_join_without_gap_or_repetition() {
    let house = house().await;
    live(&house, 7, 40).await;
    let words = questions().swap_remove(0);
    let ask = |after, limit| {
        drill_down(
            &house.app,
            Some(reviewer()),
            words.clone(),
            Some("received".to_owned()),
            DrillDownPage { after, limit },
            Lang::Vi,
        )
    };
    let whole = ask(None, 1000).await.unwrap();
    assert!(whole.items.len() > 8 && whole.next.is_none());
    let (mut joined, mut after) = (Vec::new(), None);
    loop {
        let page = ask(after, 3).await.unwrap();
        assert_eq!(page.count, whole.count);
        joined.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(joined, whole.items);
    house.app.close().await;
}
