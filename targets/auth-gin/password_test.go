package main

import (
	"context"
	"strings"
	"testing"
)

func TestMatches(t *testing.T) {
	h, err := newHasher(4, 1)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := h.hash(context.Background(), "Passw0rd-0001")
	if err != nil || !strings.HasPrefix(hash, "$2a$04$") {
		t.Fatalf("got %q, %v", hash, err)
	}
	for _, test := range []struct {
		hash, password string
		want           bool
	}{
		{hash, "Passw0rd-0001", true},
		// As Python and Rust write it.
		{"$2b" + hash[3:], "Passw0rd-0001", true},
		{hash, "Passw0rd-0002", false},
		{hash, "Passw0rd-0001\x00Passw0rd-0001", false},
		{hash, strings.Repeat("x", 254), false},
		{"", "Passw0rd-0001", false},
		{"", "the password of nobody", false},
	} {
		got, err := h.matches(context.Background(), test.hash, test.password)
		if got != test.want || err != nil {
			t.Errorf("%q: got %v, %v", test.password, got, err)
		}
	}
}

func TestNobodyWaitsForASlotInVain(t *testing.T) {
	h, err := newHasher(4, 1)
	if err != nil {
		t.Fatal(err)
	}
	h.slots <- struct{}{}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := h.hash(gone, "Passw0rd-0001"); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}
