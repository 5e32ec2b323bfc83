package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
)

// grant is the answer to a login.
type grant struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"`
}

// register opens an account and queues a mail.
func (a *api) register(c *gin.Context) {
	f, ok := readForm(c)
	if !ok {
		return
	}
	email := f.email("email")
	password := f.text("password", validPassword)
	name := f.text("name", validName)
	if f.refused(c) {
		return
	}

	ctx := c.Request.Context()
	hash, err := a.passwords.hash(ctx, password)
	if err != nil {
		broken(c, err)
		return
	}
	u, err := a.users.insert(ctx, email, name, hash)
	switch {
	case errors.Is(err, errEmailTaken):
		fail(c, emailTaken)
		return
	case err != nil:
		broken(c, err)
		return
	}

	c.Header("Location", fmt.Sprintf("/users/%d", u.ID))
	replyWhole(c, http.StatusCreated, profileOf(u))
	// With a full queue the account is open all the same.
	if a.tasks.reserve() {
		a.tasks.put(task{"/mail", mail{uuid.NewString(), "welcome", u.Email, u.ID}})
	}
}

// login exchanges e-mail and password for a token.
func (a *api) login(c *gin.Context) {
	f, ok := readForm(c)
	if !ok {
		return
	}
	email := asciiLower(f.text("email", validCredential))
	password := f.text("password", validCredential)
	if f.refused(c) {
		return
	}

	ctx := c.Request.Context()
	known, err := a.lookup(ctx, email)
	if err != nil {
		broken(c, err)
		return
	}
	matches, err := a.passwords.matches(ctx, known.Hash, password)
	if err != nil {
		broken(c, err)
		return
	}
	if !matches {
		fail(c, invalidCredentials)
		return
	}

	token, err := a.tokens.issue(known.ID)
	if err != nil {
		broken(c, err)
		return
	}
	reply(c, http.StatusOK, grant{token, "Bearer", int64(a.tokens.ttl.Seconds())})
}

// lookup finds what a password is compared with: nothing when there is no such
// user.
func (a *api) lookup(ctx context.Context, email string) (credentials, error) {
	// PostgreSQL takes no text with a NUL, and so there is none.
	if strings.ContainsRune(email, 0) {
		return credentials{}, nil
	}
	known, err := a.users.credentials(ctx, email)
	if errors.Is(err, errNoUser) {
		return credentials{}, nil
	}
	return known, err
}
