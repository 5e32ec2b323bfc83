//! `POST /auth/register`: which e-mails, passwords and names are taken.

use fastrand::Rng;
use serde_json::{Value, json};

use super::stage::{Stage, login, registration};
use super::{Check, shape, table, words};
use crate::ask::{Ask, Reply};
use crate::finding::Verdict;

pub(super) const CHECKS: &[Check] = table![
    "auth.register.required" => required,
    "auth.register.wrong-types" => wrong_types,
    "auth.register.email-refused" => email_refused,
    "auth.register.email-accepted" => email_accepted,
    "auth.register.email-length" => email_length,
    "auth.register.password-refused" => password_refused,
    "auth.register.password-accepted" => password_accepted,
    "auth.register.password-whole" => password_whole,
    "auth.register.name-refused" => name_refused,
    "auth.register.name-accepted" => name_accepted,
    "auth.register.name-code-points" => name_code_points,
];

const PASSWORD: &str = "Passw0rd-0001";

async fn ask(stage: &Stage, body: &Value) -> Result<Reply, String> {
    stage.ask(Ask::post("/auth/register").json(body)).await
}

/// Clause 4.5.
async fn required(stage: &Stage, mut rng: Rng) -> Verdict {
    ask(stage, &json!({})).await?.fields(&[
        ("email", "required"),
        ("password", "required"),
        ("name", "required"),
    ])?;
    let body = json!({ "password": words::password(&mut rng), "name": "" });
    let wanted = [("email", "required"), ("name", "invalid")];
    ask(stage, &body).await?.fields(&wanted)
}

/// Clause 4.5.
async fn wrong_types(stage: &Stage, _rng: Rng) -> Verdict {
    let wanted = [
        ("email", "invalid"),
        ("password", "invalid"),
        ("name", "invalid"),
    ];
    for body in [
        json!({ "email": null, "password": 1_234_567_890, "name": ["Ann"] }),
        json!({ "email": { "a": "b" }, "password": null, "name": true }),
        json!({ "email": ["a@b.de"], "password": [PASSWORD], "name": 7 }),
        json!({ "email": 1.5, "password": false, "name": null }),
    ] {
        let told = |problem| format!("{body}: {problem}");
        ask(stage, &body).await?.fields(&wanted).map_err(told)?;
    }
    Ok(())
}

/// Clause 5.1.
async fn email_refused(stage: &Stage, mut rng: Rng) -> Verdict {
    let local = words::label(&mut rng, 6);
    let long_local = words::label(&mut rng, 65);
    let long_end = "x".repeat(25);
    for email in [
        "",
        &local,
        "@b.de",
        &format!("{local}@"),
        &format!("{local}@host"),
        &format!("{local}@host.d"),
        &format!("{local}@host.d3"),
        &format!("{local}@host..de"),
        &format!("{local}@.de"),
        &format!("{local}@host_1.de"),
        &format!("{local}@host.{long_end}"),
        &format!("{local}@host@host.de"),
        &format!("{local} @host.de"),
        &format!("{local},b@host.de"),
        &format!(" {local}@host.de"),
        &format!("{local}@host.de "),
        // `$` means "before a last line end" to some.
        &format!("{local}@host.de\n"),
        &format!("{local}\u{0}@host.de"),
        &format!("ä{local}@host.de"),
        &format!("{local}@höst.de"),
        // The Kelvin sign, whose small letter is k to those who lower all of Unicode.
        &format!("\u{212a}{local}@host.de"),
        &format!("{long_local}@host.de"),
    ] {
        let reply = stage.ask(registration(email, PASSWORD, "Ann")).await?;
        let told = |problem| format!("e-mail {email:?}: {problem}");
        reply.fields(&[("email", "invalid")]).map_err(told)?;
    }
    Ok(())
}

/// Clause 5.1.
async fn email_accepted(stage: &Stage, mut rng: Rng) -> Verdict {
    let mut some = |length| words::label(&mut rng, length);
    for email in [
        format!("._%+-{}@{}.example", some(10), some(3)),
        format!("{}@1.{}-2.-x-.example", some(10), some(1)),
        format!("{}@{}.{}", some(64), some(5), "abcdefghijklmnopqrstuvwx"),
        format!("0{}@9.de", some(12)),
    ] {
        accept(stage, &email).await?;
    }
    Ok(())
}

/// Clause 5.1: 254 characters, and one more.
async fn email_length(stage: &Stage, mut rng: Rng) -> Verdict {
    const END: &str = ".example";
    let local = words::label(&mut rng, 64);
    let host = words::label(&mut rng, 254 - 64 - "@".len() - END.len());
    let longest = format!("{local}@{host}{END}");
    let longer = format!("{local}@x{host}{END}");
    let reply = stage.ask(registration(&longer, PASSWORD, "Ann")).await?;
    reply.fields(&[("email", "invalid")])?;
    accept(stage, &longest).await
}

async fn accept(stage: &Stage, email: &str) -> Verdict {
    let told = |problem| format!("e-mail {email:?}: {problem}");
    let reply = stage.ask(registration(email, PASSWORD, "Ann")).await?;
    let user = reply.success().map_err(told)?.json()?;
    shape::equal("email", &user["email"], email)
}

/// Clause 5.2.
async fn password_refused(stage: &Stage, mut rng: Rng) -> Verdict {
    for password in [
        "",
        "Passw0r",
        "Pass w0rd",
        " Passw0rd",
        "Passw0rd ",
        "Passw0rd\n",
        "Pass\tw0rd",
        "Passw0rd\u{0}",
        "Passw0rd\u{7f}",
        "Pässw0rd-0001",
        "密码密码密码密码",
        &words::password_of(&mut rng, 65),
    ] {
        let email = words::email(&mut rng);
        let reply = stage.ask(registration(&email, password, "Ann")).await?;
        let told = |problem| format!("password {password:?}: {problem}");
        reply.fields(&[("password", "invalid")]).map_err(told)?;
    }
    Ok(())
}

/// Clause 5.2.
async fn password_accepted(stage: &Stage, mut rng: Rng) -> Verdict {
    let signs = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".to_owned();
    let shortest = words::password_of(&mut rng, 8);
    let longest = words::password_of(&mut rng, 64);
    for password in [signs, shortest, longest] {
        let told = |problem| format!("password {password:?}: {problem}");
        let email = words::email(&mut rng);
        let reply = stage.ask(registration(&email, &password, "Ann")).await?;
        reply.success().map_err(told)?;
        let reply = stage.ask(login(&email, &password)).await?;
        reply.success().map_err(told)?;
    }
    Ok(())
}

/// Clause 6.4: the last of 64 characters counts as the first does.
async fn password_whole(stage: &Stage, mut rng: Rng) -> Verdict {
    let email = words::email(&mut rng);
    let start = words::password_of(&mut rng, 63);
    let password = format!("{start}a");
    let reply = stage.ask(registration(&email, &password, "Ann")).await?;
    reply.success()?;
    let reply = stage.ask(login(&email, &format!("{start}b"))).await?;
    reply
        .error(401, "invalid_credentials")
        .map_err(|problem| format!("with another 64th character, {problem}"))
}

/// Clause 5.3.
async fn name_refused(stage: &Stage, mut rng: Rng) -> Verdict {
    for name in [
        "",
        "Ann\u{0}",
        "\u{1}Ann",
        "An\nn",
        "An\u{1f}n",
        "Ann\u{7f}",
        &"a".repeat(65),
        &"🙂".repeat(65),
    ] {
        let email = words::email(&mut rng);
        let reply = stage.ask(registration(&email, PASSWORD, name)).await?;
        let told = |problem| format!("name {name:?}: {problem}");
        reply.fields(&[("name", "invalid")]).map_err(told)?;
    }
    Ok(())
}

/// Clause 5.3.
async fn name_accepted(stage: &Stage, mut rng: Rng) -> Verdict {
    for name in [
        "x",
        "  Ann  ",
        "<b>\"A\\n\" & 'B'</b>",
        "e\u{301}\u{80}\u{feff}ל",
    ] {
        same_name(stage, &mut rng, name).await?;
    }
    Ok(())
}

/// Clause 5.3: 64 of four bytes each.
async fn name_code_points(stage: &Stage, mut rng: Rng) -> Verdict {
    same_name(stage, &mut rng, &"🙂".repeat(64)).await
}

async fn same_name(stage: &Stage, rng: &mut Rng, name: &str) -> Verdict {
    let told = |problem| format!("name {name:?}: {problem}");
    let ask = registration(&words::email(rng), PASSWORD, name);
    let user = stage.ask(ask).await?.success().map_err(told)?.json()?;
    shape::equal("name", &user["name"], name)
}
