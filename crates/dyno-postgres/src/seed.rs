//! The users that every database begins with. Loads that sign in must know them, so
//! they follow from their numbers.

/// Users of a usual database.
pub const SEED_USERS: u32 = 10_000;

/// Passwords, and so hashes to be computed: one for all users would let a target
/// remember it, one for each would take an hour at cost 12.
pub(crate) const PASSWORDS: u32 = 64;

/// The e-mail address of the user of this number, from 1.
pub fn seed_email(number: u32) -> String {
    format!("user{number:06}@seed.dyno.test")
}

/// The name of the user of this number, from 1.
pub fn seed_name(number: u32) -> String {
    format!("User {number:06}")
}

/// The password of the user of this number, from 1: 64 of them take turns.
pub fn seed_password(number: u32) -> String {
    format!("Passw0rd-{:04}", number.saturating_sub(1) % PASSWORDS + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_follow_from_their_numbers() {
        for (number, email, name, password) in [
            (
                1,
                "user000001@seed.dyno.test",
                "User 000001",
                "Passw0rd-0001",
            ),
            (
                64,
                "user000064@seed.dyno.test",
                "User 000064",
                "Passw0rd-0064",
            ),
            (
                65,
                "user000065@seed.dyno.test",
                "User 000065",
                "Passw0rd-0001",
            ),
            (
                10_000,
                "user010000@seed.dyno.test",
                "User 010000",
                "Passw0rd-0016",
            ),
        ] {
            assert_eq!(seed_email(number), email);
            assert_eq!(seed_name(number), name);
            assert_eq!(seed_password(number), password);
        }
    }
}
