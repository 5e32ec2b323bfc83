import json
import time
import unittest
from typing import Any

import jwt
from starlette.datastructures import Headers

from app.errors import ApiError, Problem
from app.token import Tokens, bearer
from tests.settings import ENVIRONMENT, settings

SECRET = ENVIRONMENT["JWT_SECRET"]


def signed(secret: str = SECRET, algorithm: str = "HS256", **changed: Any) -> str:
    now = int(time.time())
    claims = {"iss": "dyno", "sub": "7", "iat": now, "exp": now + 60} | changed
    claims = {name: value for name, value in claims.items() if value is not None}
    # As bytes: `jwt.encode` refuses some claims that a client may send.
    return jwt.api_jws.encode(json.dumps(claims).encode(), secret, algorithm)


class TokenTest(unittest.TestCase):
    def setUp(self) -> None:
        self.tokens = Tokens(settings())

    def refusal(self, token: str) -> Problem:
        with self.assertRaises(ApiError) as raised:
            self.tokens.check(token)
        return raised.exception.problem

    def test_what_is_issued_is_accepted(self) -> None:
        token = self.tokens.issue(7)
        self.assertEqual(self.tokens.check(token), 7)
        self.assertEqual(jwt.get_unverified_header(token), {"alg": "HS256", "typ": "JWT"})
        claims = jwt.decode(token, SECRET, ["HS256"])
        self.assertEqual(sorted(claims), ["exp", "iat", "iss", "sub"])
        self.assertEqual(claims["exp"] - claims["iat"], 900)

    def test_claims_that_nobody_asked_for_do_no_harm(self) -> None:
        for token in [signed(iat=None), signed(aud="others"), signed(admin=True)]:
            self.assertEqual(self.tokens.check(token), 7)

    def test_invalid_ones(self) -> None:
        good = signed()
        past = int(time.time()) - 60
        for name, token in {
            "other secret": signed("x" * 32),
            "other secret, expired": signed("x" * 32, exp=past),
            "other algorithm": signed("0123456789abcdef" * 4, "HS512"),
            "no signature": signed("", "none"),
            "other issuer": signed(iss="other"),
            "no issuer": signed(iss=None),
            "no expiry": signed(exp=None),
            "expiry a text": signed(exp=str(past + 3600)),
            "expiry true": signed(exp=True),
            "no subject": signed(sub=None),
            "subject no id": signed(sub="me"),
            "subject a number": signed(sub=7),
            "character of no alphabet": good + "!",
            "padding": good + "=",
            "two parts": good.rpartition(".")[0],
            "nothing": "",
        }.items():
            with self.subTest(name):
                self.assertIs(self.refusal(token), Problem.INVALID_TOKEN)

    def test_expired_ones(self) -> None:
        self.assertIs(self.refusal(signed(exp=int(time.time()) - 3)), Problem.TOKEN_EXPIRED)

    def test_the_header(self) -> None:
        for value, expected in [
            ("Bearer a.b.c", "a.b.c"),
            ("bEARER  a.b.c ", "a.b.c"),
            ("Bearer", None),
            ("Bearer  ", None),
            ("Basic a.b.c", None),
            ("a.b.c", None),
        ]:
            self.assertEqual(bearer(Headers({"Authorization": value})), expected, value)
        self.assertIsNone(bearer(Headers({})))
