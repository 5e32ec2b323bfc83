package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

const (
	maxBody    = 65_536
	maxPayload = 4_096
	maxID      = 1<<53 - 1
)

var (
	emailPattern    = regexp.MustCompile(`^[a-z0-9._%+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,24}$`)
	passwordPattern = regexp.MustCompile(`^[\x21-\x7e]{8,64}$`)
	eventPattern    = regexp.MustCompile(`^[a-z][a-z0-9._]{0,63}$`)
	idPattern       = regexp.MustCompile(`^[1-9][0-9]{0,15}$`)
)

// form is the input of a request and what is wrong with it. The members of the
// body are kept undecoded: a struct would be filled from `EMAIL` too, and
// decoding it stops at the first member of a wrong type.
type form struct {
	members map[string]json.RawMessage
	wrong   map[string]string
}

func newForm() *form {
	return &form{wrong: map[string]string{}}
}

// readForm reads the body, or answers why it could not.
func readForm(c *gin.Context) (*form, bool) {
	if !strings.EqualFold(c.ContentType(), gin.MIMEJSON) {
		fail(c, unsupportedMediaType)
		return nil, false
	}
	if c.Request.ContentLength > maxBody {
		fail(c, tooLarge)
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			fail(c, tooLarge)
		} else {
			fail(c, badJSON)
		}
		return nil, false
	}
	// encoding/json would replace what is not UTF-8.
	if !utf8.Valid(body) || !json.Valid(body) {
		fail(c, badJSON)
		return nil, false
	}
	f := newForm()
	// JSON other than an object has no members, so all of them are missing.
	_ = json.Unmarshal(body, &f.members)
	return f, true
}

// refused answers when something is wrong.
func (f *form) refused(c *gin.Context) bool {
	if len(f.wrong) == 0 {
		return false
	}
	failFields(c, validationFailed, f.wrong)
	return true
}

// member is the raw value of a member, noted as missing when it is.
func (f *form) member(name string) (json.RawMessage, bool) {
	raw, ok := f.members[name]
	if !ok {
		f.wrong[name] = "required"
	}
	return raw, ok
}

// text is a member that must be a string and valid.
func (f *form) text(name string, valid func(string) bool) string {
	raw, ok := f.member(name)
	if !ok {
		return ""
	}
	// Null leaves the pointer nil.
	var value *string
	if json.Unmarshal(raw, &value) != nil || value == nil || !valid(*value) {
		f.wrong[name] = "invalid"
		return ""
	}
	return *value
}

// email is a member that must be an e-mail, lower-cased.
func (f *form) email(name string) string {
	return asciiLower(f.text(name, func(s string) bool { return validEmail(asciiLower(s)) }))
}

// object is a member that must be an object of at most so many bytes.
func (f *form) object(name string, most int) json.RawMessage {
	raw, ok := f.member(name)
	if ok && (raw[0] != '{' || len(raw) > most) {
		f.wrong[name] = "invalid"
	}
	return raw
}

// query is a decimal number of the query, within limits.
func (f *form) query(c *gin.Context, name string, standard, least, most int64) int64 {
	text, ok := c.GetQuery(name)
	if !ok {
		return standard
	}
	// ParseInt would take a sign.
	number, err := strconv.ParseUint(text, 10, 63)
	if err != nil || int64(number) < least || int64(number) > most {
		f.wrong[name] = "invalid"
		return standard
	}
	return int64(number)
}

func validEmail(s string) bool    { return len(s) <= 254 && emailPattern.MatchString(s) }
func validPassword(s string) bool { return passwordPattern.MatchString(s) }
func validEvent(s string) bool    { return eventPattern.MatchString(s) }

func validName(s string) bool {
	control := func(r rune) bool { return r < ' ' || r == '\x7f' }
	length := utf8.RuneCountInString(s)
	return length >= 1 && length <= 64 && !strings.ContainsFunc(s, control)
}

// validCredential is all that a login asks of its members.
func validCredential(s string) bool {
	length := utf8.RuneCountInString(s)
	return length >= 1 && length <= 254
}

// asciiLower leaves other letters alone; strings.ToLower would make a `k` of
// the Kelvin sign.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// parseID reads the id of a user.
func parseID(s string) (int64, bool) {
	if !idPattern.MatchString(s) {
		return 0, false
	}
	id, err := strconv.ParseInt(s, 10, 64)
	return id, err == nil
}
