package main

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

func TestFields(t *testing.T) {
	for _, test := range []struct {
		name  string
		valid func(string) bool
		text  string
		want  bool
	}{
		{"email", validEmail, "ann.b+c@sub.example.com", true},
		{"email", validEmail, "a@b.c", false},
		{"email", validEmail, "a@.com", false},
		{"email", validEmail, "a@example.com\n", false},
		{"email", validEmail, strings.Repeat("a", 65) + "@example.com", false},
		{"email", validEmail, "a@" + strings.Repeat("b", 248) + ".com", true},
		{"email", validEmail, "a@" + strings.Repeat("b", 249) + ".com", false},
		{"password", validPassword, "12345678", true},
		{"password", validPassword, "1234567", false},
		{"password", validPassword, "1234 5678", false},
		{"password", validPassword, strings.Repeat("x", 65), false},
		{"name", validName, strings.Repeat("ä", 64), true},
		{"name", validName, strings.Repeat("ä", 65), false},
		{"name", validName, "", false},
		{"name", validName, " ", true},
		{"name", validName, "a\tb", false},
		{"name", validName, "a\x7f", false},
		{"event", validEvent, "order.paid_2", true},
		{"event", validEvent, "Order", false},
	} {
		if got := test.valid(test.text); got != test.want {
			t.Errorf("%s %q: got %v", test.name, test.text, got)
		}
	}
}

func TestASCIILower(t *testing.T) {
	if got := asciiLower("ÄNN@Example.\u212A"); got != "Änn@example.\u212A" {
		t.Errorf("got %q", got)
	}
}

func TestParseID(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "9999999999999999": 9999999999999999,
		"0": 0, "01": 0, "+1": 0, "-1": 0, "1 ": 0, "": 0, "12345678901234567": 0,
	} {
		if got, ok := parseID(text); got != want || ok != (want > 0) {
			t.Errorf("%q: got %d, %v", text, got, ok)
		}
	}
}

// answered is a form read from a request, or the status of the refusal.
func answered(contentType, body string) (*form, int) {
	recorder := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(recorder)
	c.Request = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	c.Request.Header.Set("Content-Type", contentType)
	f, _ := readForm(c)
	return f, recorder.Code
}

func TestReadFormRefuses(t *testing.T) {
	large := `"` + strings.Repeat("x", maxBody-2) + `"`
	for _, test := range []struct {
		contentType, body string
		want              int
	}{
		{"application/json", "{}", 200},
		{"Application/JSON; charset=utf-8", "{}", 200},
		{"text/plain", "{}", 415},
		{"", "{", 415},
		{"application/json", large, 200},
		{"application/json", large + " ", 413},
		{"application/json", "", 400},
		{"application/json", "{} {}", 400},
		{"application/json", "{\"a\":\"\xff\"}", 400},
	} {
		if _, got := answered(test.contentType, test.body); got != test.want {
			t.Errorf("%q %.20q: got %d, want %d", test.contentType, test.body, got, test.want)
		}
	}
}

func TestFormNamesAllThatIsWrong(t *testing.T) {
	const required, invalid = "required", "invalid"
	for _, test := range []struct {
		body string
		want map[string]string
	}{
		{`{"email":"A@B.com","name":"x","payload":{}}`, map[string]string{}},
		{`{}`, map[string]string{"email": required, "name": required, "payload": required}},
		{`[]`, map[string]string{"email": required, "name": required, "payload": required}},
		{`{"EMAIL":"a@b.com","name":null,"payload": [] }`, map[string]string{"email": required, "name": invalid, "payload": invalid}},
		{`{"email":1,"name":"","payload":{"a":"0123456789"}}`, map[string]string{"email": invalid, "name": invalid, "payload": invalid}},
	} {
		f, _ := answered("application/json", test.body)
		f.email("email")
		f.text("name", validName)
		f.object("payload", 16)
		if !maps.Equal(f.wrong, test.want) {
			t.Errorf("%s: got %v", test.body, f.wrong)
		}
	}
}

func TestQuery(t *testing.T) {
	for query, want := range map[string]int64{
		"": 20, "limit=1": 1, "limit=100": 100, "other=x": 20,
		"limit=0": -1, "limit=101": -1, "limit=": -1, "limit=%2B5": -1, "limit=1.0": -1, "limit=99999999999999999999": -1,
	} {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequest(http.MethodGet, "/users?"+query, nil)
		f := newForm()
		got := f.query(c, "limit", 20, 1, 100)
		if len(f.wrong) > 0 {
			got = -1
		}
		if got != want {
			t.Errorf("%q: got %d, want %d", query, got, want)
		}
	}
}
