package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// body is a JSON object and what is wrong with its members. The post binds to a
// struct; that would tell neither null from absent nor all that is wrong.
type body struct {
	members map[string]json.RawMessage
	wrong   map[string]string
}

func readBody(c *gin.Context) (body, bool) {
	b := body{wrong: map[string]string{}}
	if !strings.EqualFold(c.ContentType(), gin.MIMEJSON) {
		fail(c, 415, "unsupported_media_type", "content type must be application/json")
		return b, false
	}
	text, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, 65_536))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		fail(c, 413, "too_large", "request body is too large")
		return b, false
	}
	if err != nil || !utf8.Valid(text) || !json.Valid(text) {
		fail(c, 400, "bad_json", "request body is not valid JSON")
		return b, false
	}
	// What is no object has no members.
	_ = json.Unmarshal(text, &b.members)
	return b, true
}

func (b body) refused(c *gin.Context) bool {
	return refused(c, b.wrong)
}

// text is a member that must be a string and match the rule.
func (b body) text(name string, rule *regexp.Regexp) string {
	var text *string
	if raw, ok := b.members[name]; !ok {
		b.wrong[name] = "required"
	} else if json.Unmarshal(raw, &text) != nil || text == nil || !rule.MatchString(*text) {
		b.wrong[name] = "invalid"
	} else {
		return *text
	}
	return ""
}

// object is a member that must be an object of at most so many bytes.
func (b body) object(name string, most int) json.RawMessage {
	raw, ok := b.members[name]
	if !ok {
		b.wrong[name] = "required"
	} else if raw[0] != '{' || len(raw) > most {
		b.wrong[name] = "invalid"
	}
	return raw
}
