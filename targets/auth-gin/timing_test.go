package main

import (
	"testing"
	"time"
)

func TestHeader(t *testing.T) {
	for _, test := range []struct {
		spent [partCount]time.Duration
		want  string
	}{
		{[partCount]time.Duration{}, "app;dur=12.346"},
		{[partCount]time.Duration{inDatabase: 934 * time.Microsecond, poolWait: 499}, "db;dur=0.934, app;dur=12.346"},
		{
			[partCount]time.Duration{12 * time.Microsecond, time.Millisecond, 101 * time.Microsecond, 11 * time.Millisecond},
			"pool;dur=0.012, db;dur=1.000, hashq;dur=0.101, hash;dur=11.000, app;dur=12.346",
		},
	} {
		timing := timing{spent: test.spent}
		if got := timing.header(12_345_678 * time.Nanosecond); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
