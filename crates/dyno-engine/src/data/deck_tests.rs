//! Which rows come, in which order, and to whom.

use std::collections::BTreeSet;
use std::path::Path;

use dyno_scenario::{Order, Rows};

use super::super::source::Format;
use super::*;
use crate::random::of_start;

fn data(order: Order, end: End) -> Data {
    Data {
        name: "d".to_owned(),
        rows: Rows::Inline(
            vec!["n".to_owned()],
            (0..10).map(|n| vec![format!("{n}")]).collect(),
        ),
        order,
        end,
    }
}

/// What each thread draws, `draws` times or until nothing is left.
async fn dealt(
    data: &Data,
    table: Table,
    threads: u64,
    first: u64,
    draws: u64,
) -> Vec<Vec<String>> {
    let table = [Arc::new(table)];
    let mut all = Vec::new();
    for thread in 0..threads {
        let deal = Deal {
            seed: 7,
            thread,
            threads,
            first,
        };
        let mut deck = Deck::new(std::slice::from_ref(data), &table, |_| deal).unwrap();
        deck.ready().await;
        let (mut row, mut seen) = (Row::default(), Vec::new());
        for draw in 0..draws {
            let mut random = of_start(7, thread, draw);
            match deck.draw(0, &mut row, &mut random).await {
                Drawn::Row => seen.push(String::from_utf8(row.column(0).to_vec()).unwrap()),
                Drawn::Stop => assert_eq!(data.end, End::Stop),
                Drawn::Fail => assert_eq!(data.end, End::Fail),
            }
        }
        assert_eq!(deck.draws(), [seen.len() as u64]);
        all.push(seen);
    }
    all
}

/// The same data from memory and from a file.
async fn check(order: Order, end: End, threads: u64, first: u64, draws: u64) -> Vec<Vec<String>> {
    let data = data(order, end);
    let columns = ["n".to_owned()];
    let small = Table::read(&data, Path::new("/"), &columns).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.csv");
    let lines: String = (0..10).map(|n| format!("{n}\n")).collect();
    std::fs::write(&path, "n\n".to_owned() + &lines).unwrap();
    let large = Table::large(&path, Format::Csv, &columns).unwrap();
    let seen = dealt(&data, small, threads, first, draws).await;
    let streamed = dealt(&data, large, threads, first, draws).await;
    if order != Order::Random {
        assert_eq!(seen, streamed);
    }
    for rows in streamed.iter().flatten() {
        assert!(rows.parse::<u64>().unwrap() < 10);
    }
    seen
}

fn numbers(rows: &[u64]) -> Vec<String> {
    rows.iter().map(u64::to_string).collect()
}

#[tokio::test]
async fn rows_come_as_they_stand_and_again() {
    let seen = check(Order::Sequential, End::Repeat, 3, 0, 6).await;
    assert_eq!(seen[0], numbers(&[0, 3, 6, 9, 2, 5]));
    assert_eq!(seen[1], numbers(&[1, 4, 7, 0, 3, 6]));
    assert_eq!(seen[2], numbers(&[2, 5, 8, 1, 4, 7]));
}

#[tokio::test]
async fn rows_that_are_used_up_end_the_step_or_fail() {
    for end in [End::Stop, End::Fail] {
        let seen = check(Order::Sequential, end, 3, 0, 6).await;
        assert_eq!(
            seen,
            [
                numbers(&[0, 3, 6, 9]),
                numbers(&[1, 4, 7]),
                numbers(&[2, 5, 8])
            ]
        );
        // A later phase goes on where the earlier one was.
        let seen = check(Order::Sequential, end, 2, 6, 6).await;
        assert_eq!(seen, [numbers(&[6, 8]), numbers(&[7, 9])]);
        let seen = check(Order::Sequential, end, 1, 10, 6).await;
        assert_eq!(seen, [numbers(&[])]);
    }
}

#[tokio::test]
async fn a_shuffle_has_each_row_once_a_pass_whatever_the_threads() {
    for threads in [1, 2, 3] {
        let seen = check(Order::Shuffle, End::Fail, threads, 0, 11).await;
        let all: BTreeSet<&String> = seen.iter().flatten().collect();
        assert_eq!(
            (all.len(), seen.iter().map(Vec::len).sum::<usize>()),
            (10, 10)
        );
    }
    let one = check(Order::Shuffle, End::Repeat, 1, 0, 30).await.remove(0);
    let passes: Vec<&[String]> = one.chunks(10).collect();
    let sorted: Vec<String> = (0..10).map(|n: u64| n.to_string()).collect();
    for pass in &passes {
        let mut pass = pass.to_vec();
        assert_ne!(pass, sorted);
        pass.sort();
        assert_eq!(pass, sorted);
    }
    assert!(passes[0] != passes[1] && passes[1] != passes[2]);
}

#[tokio::test]
async fn random_rows_come_from_the_start_alone() {
    let one = check(Order::Random, End::Repeat, 2, 0, 200).await;
    assert_eq!(one, check(Order::Random, End::Repeat, 2, 0, 200).await);
    assert_ne!(one[0], one[1]);
    let all: BTreeSet<&String> = one.iter().flatten().collect();
    assert_eq!(all.len(), 10);
}
