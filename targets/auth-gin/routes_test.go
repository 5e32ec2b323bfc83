package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
)

func TestReplyWholeHasSentEverything(t *testing.T) {
	recorder := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(recorder)
	c.Request = httptest.NewRequest(http.MethodPost, "/", nil)
	replyWhole(c, http.StatusAccepted, queued{"<id>", "queued"})
	const body = `{"id":"<id>","status":"queued"}` + "\n"
	if !recorder.Flushed || recorder.Body.String() != body || recorder.Header().Get("Content-Length") != "32" {
		t.Errorf("flushed %v, %q, %v", recorder.Flushed, recorder.Body, recorder.Header())
	}
}

func TestPathsAndMethods(t *testing.T) {
	a := &api{tokens: newTokens(secret, 1)}
	router := a.routes(config{RateRPS: 1000, RateBurst: 1000})
	for _, test := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/healthz", 200, ""},
		{"GET", "/nothing", 404, ""},
		{"GET", "/users/", 404, ""},
		{"GET", "/users/me/name", 404, ""},
		{"POST", "/healthz", 405, "GET"},
		{"PUT", "/users/me", 405, "GET, PATCH, DELETE"},
		{"DELETE", "/users/1", 405, "GET"},
		{"GET", "/users/x", 401, ""},
		{"POST", "/webhooks", 401, ""},
		{"POST", "/auth/login", 415, ""},
	} {
		recorder := httptest.NewRecorder()
		router.ServeHTTP(recorder, httptest.NewRequest(test.method, test.path, nil))
		if recorder.Code != test.status || recorder.Header().Get("Allow") != test.allow {
			t.Errorf("%s %s: got %d, Allow %q", test.method, test.path, recorder.Code, recorder.Header().Get("Allow"))
		}
	}
}
