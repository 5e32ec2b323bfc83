use super::*;

#[test]
fn the_header_has_three_decimals_and_no_zeros() {
    let time = Duration::from_nanos;
    let nothing = time(0);
    for (spent, app, expected) in [
        (
            [time(12_400), time(934_000), time(101_000), time(48_210_000)],
            time(49_800_000),
            "pool;dur=0.012, db;dur=0.934, hashq;dur=0.101, hash;dur=48.210, app;dur=49.800",
        ),
        ([nothing; 4], time(20_000), "app;dur=0.020"),
        (
            [time(499), time(500), nothing, nothing],
            time(1_234_567_891),
            "db;dur=0.001, app;dur=1234.568",
        ),
    ] {
        assert_eq!(header(&spent, app), expected);
    }
}

#[tokio::test]
async fn parts_add_up_within_a_request_only() {
    let second = Duration::from_secs(1);
    add(Part::Hash, second);
    let timed = async {
        add(Part::Database, second);
        add(Part::Database, second);
        SPENT.with(Cell::get)
    };
    let spent = SPENT.scope(Cell::default(), timed).await;
    let nothing = Duration::ZERO;
    assert_eq!(spent, [nothing, 2 * second, nothing, nothing]);
}
