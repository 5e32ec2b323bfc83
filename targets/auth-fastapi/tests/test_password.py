import asyncio
import unittest

from app.password import Passwords
from tests.settings import settings


class PasswordTest(unittest.TestCase):
    def test_hash_and_match(self) -> None:
        async def check() -> None:
            password_hash = await passwords.hash("Passw0rd-0001")
            self.assertEqual(password_hash[:7], "$2b$04$")
            self.assertTrue(await passwords.matches("Passw0rd-0001", password_hash))
            for wrong in ["Passw0rd-0002", "x", "x" * 254, "pässword-1", "Passw0rd-0001\0"]:
                self.assertFalse(await passwords.matches(wrong, password_hash), repr(wrong))

        with Passwords(settings(BCRYPT_COST="4")) as passwords:
            asyncio.run(check())

    def test_nobody_has_a_password(self) -> None:
        async def check() -> None:
            for password in ["", "Passw0rd-0001"]:
                self.assertFalse(await passwords.matches(password, None))

        with Passwords(settings(BCRYPT_COST="4")) as passwords:
            asyncio.run(check())
