package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"golang.org/x/crypto/bcrypt"
)

func TestWithoutSwitchesItIsAsPublished(t *testing.T) {
	for name, value := range map[string]string{"BCRYPT_COST": "4", "DB_POOL_SIZE": "20", "HASH_PARALLELISM": "2"} {
		t.Setenv(name, value)
	}
	c := readConfig()
	if c.BcryptCost != bcrypt.DefaultCost || c.PoolSize != 0 || c.Release || c.Prepare || c.Bounded {
		t.Errorf("got %+v", c)
	}
	for _, name := range []string{"COST", "RELEASE", "POOL", "PREPARE", "BOUNDED"} {
		t.Setenv("LADDER_"+name, "1")
	}
	c = readConfig()
	if c.BcryptCost != 4 || c.PoolSize != 20 || !c.Release || !c.Prepare || !c.Bounded || c.HashParallelism != 2 {
		t.Errorf("got %+v", c)
	}
}

func TestRefusals(t *testing.T) {
	gin.SetMode(gin.TestMode)
	gin.DefaultWriter = os.Stderr
	a := &app{config: config{RateRPS: 1000, RateBurst: 1000}}
	router := a.routes()
	for _, test := range []struct {
		path, contentType, body string
		status                  int
		part                    string
	}{
		{"/nothing", "", "", 404, "not_found"},
		{"/users", "", "", 405, "method_not_allowed"},
		{"/webhooks", "", "", 401, "missing_token"},
		{"/auth/login", "text/plain", "{}", 415, "unsupported_media_type"},
		{"/auth/login", "Application/JSON; charset=utf-8", "{", 400, "bad_json"},
		{"/auth/login", "application/json", strings.Repeat(" ", 65_537), 413, "too_large"},
		{"/auth/register", "application/json", `{"email":"a@b","NAME":"x"}`, 422, `"fields":{"email":"invalid","name":"required","password":"required"}`},
	} {
		recorder := httptest.NewRecorder()
		request := httptest.NewRequest(http.MethodPost, test.path, strings.NewReader(test.body))
		request.Header.Set("Content-Type", test.contentType)
		router.ServeHTTP(recorder, request)
		if recorder.Code != test.status || !strings.Contains(recorder.Body.String(), test.part) {
			t.Errorf("%s: got %d %s", test.path, recorder.Code, recorder.Body)
		}
	}
}
