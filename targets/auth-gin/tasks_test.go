package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// sink answers each request with the next of statuses, then with 204.
type sink struct {
	mu       sync.Mutex
	statuses []int
	got      []string
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, fmt.Sprintf("%s %s", r.URL.Path, body))
	status := http.StatusNoContent
	if len(s.statuses) > 0 {
		status, s.statuses = s.statuses[0], s.statuses[1:]
	}
	w.WriteHeader(status)
}

func TestTasksAreDeliveredWithOneRetry(t *testing.T) {
	for _, test := range []struct {
		statuses []int
		posts    int
		lost     int64
	}{
		{nil, 1, 0},
		{[]int{500}, 2, 0},
		{[]int{500, 302}, 2, 1},
	} {
		s := &sink{statuses: test.statuses}
		server := httptest.NewServer(s)
		q := startQueue(server.URL, 10, 2)
		if !q.reserve() {
			t.Fatal("no room")
		}
		q.put(task{"/mail", mail{"id", "welcome", "a@b.com", 7}})
		lost := q.drain(time.Minute)
		server.Close()
		want := slices.Repeat([]string{`/mail {"id":"id","kind":"welcome","to":"a@b.com","user_id":7}`}, test.posts)
		if !slices.Equal(s.got, want) || lost != test.lost {
			t.Errorf("%v: got %q, lost %d", test.statuses, s.got, lost)
		}
	}
}

func TestAFullQueueTakesNoMore(t *testing.T) {
	q := startQueue("http://127.0.0.1:1", 3, 1)
	for range 3 {
		if !q.reserve() {
			t.Fatal("no room")
		}
	}
	if q.reserve() {
		t.Error("a fourth had room")
	}
	q.drain(0)
}
