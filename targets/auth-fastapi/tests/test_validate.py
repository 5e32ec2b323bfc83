import unittest
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from app.validate import (
    Credential,
    CredentialEmail,
    Email,
    EventName,
    Name,
    Password,
    Payload,
    decimal,
    user_id,
)

REFUSED = object()


class ValidateTest(unittest.TestCase):
    def check(self, kind: Any, cases: list[tuple[object, object]]) -> None:
        adapter: TypeAdapter[Any] = TypeAdapter(kind)
        for value, expected in cases:
            try:
                found = adapter.validate_python(value)
            except ValidationError:
                found = REFUSED
            self.assertEqual(found, expected, repr(value))

    def test_email(self) -> None:
        self.check(
            Email,
            [
                ("Ann@Example.COM", "ann@example.com"),
                ("a" * 64 + "@b.cd", "a" * 64 + "@b.cd"),
                ("a" * 65 + "@b.cd", REFUSED),
                ("a@" + "b" * 250 + ".cd", REFUSED),
                ("a@b", REFUSED),
                ("a@b.cd\n", REFUSED),
                ("\u212a@b.cd", REFUSED),  # The Kelvin sign, `k` in lower case.
                (None, REFUSED),
                (1, REFUSED),
            ],
        )

    def test_password(self) -> None:
        self.check(
            Password,
            [
                ("!" * 8, "!" * 8),
                ("~" * 64, "~" * 64),
                ("a" * 7, REFUSED),
                ("a" * 65, REFUSED),
                ("with space", REFUSED),
                ("a" * 8 + "\n", REFUSED),
                ("pässword", REFUSED),
            ],
        )

    def test_name(self) -> None:
        self.check(
            Name,
            [
                (" Ann ", " Ann "),
                ("\U0001f600" * 64, "\U0001f600" * 64),
                ("a" * 65, REFUSED),
                ("", REFUSED),
                ("a\nb", REFUSED),
                ("a\x7f", REFUSED),
                (["a"], REFUSED),
            ],
        )

    def test_credentials(self) -> None:
        self.check(Credential, [("x" * 254, "x" * 254), ("x" * 255, REFUSED), ("", REFUSED)])
        self.check(CredentialEmail, [("ANN@b", "ann@b"), ("", REFUSED), (None, REFUSED)])

    def test_events(self) -> None:
        self.check(EventName, [("a.b_9", "a.b_9"), ("A", REFUSED), ("a" * 65, REFUSED)])
        largest = {"x": "y" * (4096 - len('{"x":""}'))}
        larger = {"x": largest["x"] + "y"}
        self.check(Payload, [({}, {}), (largest, largest), (larger, REFUSED), ([], REFUSED)])

    def test_decimal(self) -> None:
        cases: list[tuple[object, object]] = [("1", 1), ("100", 100)]
        cases += [(text, REFUSED) for text in ["0", "101", "", "+1", " 1", "1.0", "1_0", "\u0661"]]
        self.check(Annotated[int, decimal(1, 100)], cases)

    def test_user_id(self) -> None:
        for text, expected in [("1", 1), ("9" * 16, 9999999999999999)]:
            self.assertEqual(user_id(text), expected)
        for text in ["", "0", "01", "1" * 17, "-1", "1\n", "\u0661", "me"]:
            self.assertIsNone(user_id(text), repr(text))
