package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
)

func limited(l *limiter, path, forwarded string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(recorder)
	c.Request = httptest.NewRequest(http.MethodGet, path, nil)
	if forwarded != "" {
		c.Request.Header.Set("X-Forwarded-For", forwarded)
	}
	l.limit(c)
	return recorder
}

func TestABurstPassesAndNoMore(t *testing.T) {
	// One token in 1,000 s: none comes back while the test runs.
	l := newLimiter(0.001, 3, true)
	passed := 0
	for range 10 {
		if limited(l, "/users", "10.0.0.1, 10.0.0.9").Code == http.StatusOK {
			passed++
		}
	}
	if passed != 3 {
		t.Errorf("%d passed", passed)
	}
	refused := limited(l, "/users", "10.0.0.1")
	if got := refused.Header().Get("Retry-After"); refused.Code != 429 || got != "1000" {
		t.Errorf("got %d, Retry-After %q", refused.Code, got)
	}
	for path, forwarded := range map[string]string{
		"/users": "10.0.0.2", "/healthz": "10.0.0.1", "/readyz": "10.0.0.1",
	} {
		if got := limited(l, path, forwarded).Code; got != http.StatusOK {
			t.Errorf("%s of %s: %d", path, forwarded, got)
		}
	}
}

func TestWhoTheClientIs(t *testing.T) {
	for _, test := range []struct {
		trust     bool
		forwarded string
		want      string
	}{
		{true, "10.0.0.1", "10.0.0.1"},
		{true, " 10.0.0.1 , 10.0.0.2", "10.0.0.1"},
		{true, "", "192.0.2.1"},
		{true, ",10.0.0.2", "192.0.2.1"},
		{false, "10.0.0.1", "192.0.2.1"},
	} {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
		c.Request.Header.Set("X-Forwarded-For", test.forwarded)
		if got := newLimiter(1, 1, test.trust).client(c); got != test.want {
			t.Errorf("%+v: got %s", test, got)
		}
	}
}

func TestTheOldestClientIsForgotten(t *testing.T) {
	l := newLimiter(0.001, 1, true)
	for i := range maxClients {
		l.bucket(fmt.Sprint(i))
	}
	kept := l.bucket("0")
	l.bucket("one more")
	if len(l.buckets) != maxClients || l.recent.Len() != maxClients {
		t.Errorf("%d, %d clients", len(l.buckets), l.recent.Len())
	}
	if _, there := l.buckets["1"]; there || l.bucket("0") != kept {
		t.Error("the wrong one was forgotten")
	}
}
