package main

import (
	"errors"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var secret = []byte("0123456789abcdef0123456789abcdef")

func TestIssuedTokenIsAccepted(t *testing.T) {
	tokens := newTokens(secret, time.Hour)
	token, err := tokens.issue(42)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := tokens.check(token); id != 42 || err != nil {
		t.Errorf("got %d, %v", id, err)
	}
}

func TestCheck(t *testing.T) {
	future, past := time.Now().Add(time.Hour).Unix(), time.Now().Add(-time.Hour).Unix()
	claims := func(changes jwt.MapClaims) jwt.MapClaims {
		all := jwt.MapClaims{"iss": "dyno", "sub": "7", "iat": past, "exp": future}
		for name, value := range changes {
			if all[name] = value; value == nil {
				delete(all, name)
			}
		}
		return all
	}
	none := jwt.UnsafeAllowNoneSignatureType
	for name, test := range map[string]struct {
		method  jwt.SigningMethod
		key     any
		claims  jwt.MapClaims
		good    bool
		expired bool
	}{
		"good":         {jwt.SigningMethodHS256, secret, claims(nil), true, false},
		"expired":      {jwt.SigningMethodHS256, secret, claims(jwt.MapClaims{"exp": past}), false, true},
		"other secret": {jwt.SigningMethodHS256, secret[1:], claims(jwt.MapClaims{"exp": past}), false, false},
		"HS512":        {jwt.SigningMethodHS512, secret, claims(nil), false, false},
		"none":         {jwt.SigningMethodNone, none, claims(nil), false, false},
		"other issuer": {jwt.SigningMethodHS256, secret, claims(jwt.MapClaims{"iss": "other"}), false, false},
		"no issuer":    {jwt.SigningMethodHS256, secret, claims(jwt.MapClaims{"iss": nil}), false, false},
		"no exp":       {jwt.SigningMethodHS256, secret, claims(jwt.MapClaims{"exp": nil}), false, false},
		"exp a text":   {jwt.SigningMethodHS256, secret, claims(jwt.MapClaims{"exp": "9999999999"}), false, false},
		"sub a number": {jwt.SigningMethodHS256, secret, claims(jwt.MapClaims{"sub": 7}), false, false},
		"sub a name":   {jwt.SigningMethodHS256, secret, claims(jwt.MapClaims{"sub": "ann"}), false, false},
		"no sub":       {jwt.SigningMethodHS256, secret, claims(jwt.MapClaims{"sub": nil}), false, false},
	} {
		token, err := jwt.NewWithClaims(test.method, test.claims).SignedString(test.key)
		if err != nil {
			t.Fatal(err)
		}
		id, err := newTokens(secret, time.Hour).check(token)
		if (err == nil) != test.good || (id == 7) != test.good {
			t.Errorf("%s: got %d, %v", name, id, err)
		}
		if errors.Is(err, jwt.ErrTokenExpired) != test.expired {
			t.Errorf("%s: expired is %v", name, !test.expired)
		}
	}
}

// The last character of a signature has two bits that mean nothing.
func TestEveryOtherLastCharacterIsNoticed(t *testing.T) {
	tokens := newTokens(secret, time.Hour)
	token, err := tokens.issue(1)
	if err != nil {
		t.Fatal(err)
	}
	last := len(token) - 1
	for _, other := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		if byte(other) == token[last] {
			continue
		}
		if _, err := tokens.check(token[:last] + string(other)); err == nil {
			t.Errorf("%q instead of %q was accepted", other, token[last])
		}
	}
}
