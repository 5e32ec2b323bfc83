//! What a setting does to the values of a file.

use super::*;

const FILE: &str = "repeat = 1\ntargets = ['a', 'b']\n[vars]\nsize = 39\n\
                    [[step]]\nname = 'steady'\nrate = '5/s'\n\
                    [[step]]\nname = '10,000 requests'\n";

/// A value with its keys in order.
fn print(value: &Value<'_>) -> String {
    match value.as_ref() {
        ValueInner::Table(table) => {
            let entry = |(key, value): (&Key<'_>, &Value<'_>)| format!("{key}={}", print(value));
            let entries: Vec<String> = table.iter().map(entry).collect();
            format!("{{{}}}", entries.join(" "))
        }
        ValueInner::Array(list) => {
            let list: Vec<String> = list.iter().map(print).collect();
            format!("[{}]", list.join(" "))
        }
        other => format!("{other:?}")
            .replace("String", "")
            .replace("Borrowed", ""),
    }
}

#[test]
fn the_value_at_a_path_is_replaced_or_added() {
    let check = |setting: &str, pointer: &str, expected: &str| {
        let mut root = toml_span::parse(FILE).unwrap();
        apply(&mut root, setting, 1000).unwrap_or_else(|problem| panic!("{setting}: {problem:?}"));
        let seen = root.pointer(pointer).map(print);
        assert_eq!(seen.as_deref(), Some(expected), "{setting}");
    };
    check("repeat=5", "/repeat", "Integer(5)");
    check(" repeat =5", "/repeat", "Integer(5)");
    check("idle=1.5s", "/idle", "(\"1.5s\")");
    check("idle=\"1.5s\"", "/idle", "(\"1.5s\")");
    check("name=", "/name", "(\"\")");
    check("keepalive=true", "/keepalive", "Boolean(true)");
    check("targets[1]=c", "/targets/1", "(\"c\")");
    check("targets=['x']", "/targets", "[(\"x\")]");
    check("vars.size=[1, 2]", "/vars/size", "[Integer(1) Integer(2)]");
    check("env.WORKERS=2", "/env", "{WORKERS=Integer(2)}");
    check(
        "step[0].rate=9/s",
        "/step/0",
        "{name=(\"steady\") rate=(\"9/s\")}",
    );
    check("step.steady.rate=9/s", "/step/0/rate", "(\"9/s\")");
    check(
        "step.\"10,000 requests\".requests=5",
        "/step/1/requests",
        "Integer(5)",
    );
    check(
        "step.10,000 requests.requests=5",
        "/step/1/requests",
        "Integer(5)",
    );
    check(
        "step[0].rate=[1/s, 2/s]",
        "/step/0/rate",
        "[(\"1/s\") (\"2/s\")]",
    );
    check("step[1]={ name = 'x' }", "/step/1", "{name=(\"x\")}");
    check("a.\"b.c\"=x=y", "/a/b.c", "(\"x=y\")");
    check("a=1\nb = 2", "/a", "(\"1\\nb = 2\")");
}

#[test]
fn keys_and_values_stand_in_the_setting() {
    let check = |setting: &str, pointer: &str, expected: &str| {
        let mut root = toml_span::parse(FILE).unwrap();
        apply(&mut root, setting, 1000).unwrap();
        let span = root.pointer(pointer).unwrap().span;
        assert_eq!(
            &setting[span.start - 1000..span.end - 1000],
            expected,
            "{setting}"
        );
    };
    check("repeat=5", "/repeat", "5");
    check("idle=1.5s", "/idle", "1.5s");
    check("idle=\"1.5s\"", "/idle", "1.5s");
    check("step[0].rate=[1/s, 2/s]", "/step/0/rate", "[1/s, 2/s]");
    check("step[0].rate=[1/s, 2/s]", "/step/0/rate/1", "2/s");
    check("vars.size=[1, [2]]", "/vars/size/1/0", "2");
    check("vars.size={ a = 'x' }", "/vars/size/a", "x");
    let mut root = toml_span::parse(FILE).unwrap();
    apply(&mut root, "vars.size=1", 1000).unwrap();
    let (key, _) = root.as_table().unwrap().get_key_value("vars").unwrap();
    assert_eq!((key.span.start, key.span.end), (1000, 1004));
}

#[test]
fn a_path_that_leads_nowhere_says_where_it_ends() {
    let check = |setting: &str, expected: &str| {
        let mut root = toml_span::parse(FILE).unwrap();
        let problem = apply(&mut root, setting, 0).unwrap_err();
        let seen = setting.get(problem.place.clone());
        let seen = seen.unwrap_or_else(|| panic!("{setting}: {problem:?}"));
        let hint = problem.hint.unwrap_or_default();
        let hint = if hint == FORM { "" } else { &hint };
        assert_eq!(
            format!("{seen} | {} | {hint}", problem.message),
            expected,
            "{setting}"
        );
    };
    for setting in [
        "", "repeat", "=5", "a..b=1", "a.=1", "a[x]=1", "a[0=1", "\"a=1", "\"a\"b=1", "a[0]b=1",
    ] {
        check(setting, &format!("{setting} | {setting:?} says no path | "));
    }
    check(
        "step[2].rate=1",
        "[2] | `step` has no [2] | from [0] to [1]",
    );
    check("repeat.x=1", "x | `repeat` is one value, it has no `x` | ");
    check(
        "repeat[0]=1",
        "[0] | `repeat` is one value, it has no [0] | ",
    );
    check("vars[0]=1", "[0] | `vars` is a table, it has no [0] | ");
    check(
        "step.staedy.rate=1",
        "staedy | `step` has no entry with the name \"staedy\" | did you mean `steady`?",
    );
    check(
        "step.rate=1",
        "rate | `step` has no entry with the name \"rate\" | known here: steady, 10,000 requests",
    );
    check(
        "targets.a=1",
        "a | `targets` has no entry with the name \"a\" | write targets[0]",
    );
}
