package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// user is a row without its password's hash.
type user struct {
	ID        int64
	Email     string
	Name      string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// publicUser is what anybody may see of a row.
type publicUser struct {
	ID        int64
	Name      string
	CreatedAt time.Time
}

// credentials are what a login needs of a row.
type credentials struct {
	ID   int64
	Hash string
}

var (
	errNoUser     = errors.New("there is no such user")
	errEmailTaken = errors.New("there is a user with this e-mail")
)

// profile is the contract's User.
type profile struct {
	ID        int64  `json:"id"`
	Email     string `json:"email"`
	Name      string `json:"name"`
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
}

func profileOf(u user) profile {
	return profile{u.ID, u.Email, u.Name, timestamp(u.CreatedAt), timestamp(u.UpdatedAt)}
}

// publicProfile is the contract's PublicUser.
type publicProfile struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	CreatedAt string `json:"created_at"`
}

func publicProfileOf(u publicUser) publicProfile {
	return publicProfile{u.ID, u.Name, timestamp(u.CreatedAt)}
}

// page is a part of the list; next is null on the last one.
type page struct {
	Items []publicProfile `json:"items"`
	Next  *int64          `json:"next"`
}

// timestamp always has three decimals; time's own layouts drop zeros.
func timestamp(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// me answers with the caller's own row.
func (a *api) me(c *gin.Context) {
	u, err := a.users.byID(c.Request.Context(), caller(c))
	replyProfile(c, u, err)
}

// rename changes the caller's name.
func (a *api) rename(c *gin.Context) {
	f, ok := readForm(c)
	if !ok {
		return
	}
	name := f.text("name", validName)
	if f.refused(c) {
		return
	}
	u, err := a.users.rename(c.Request.Context(), caller(c), name)
	replyProfile(c, u, err)
}

// replyProfile answers with u. A caller whose row is gone has no valid token.
func replyProfile(c *gin.Context, u user, err error) {
	switch {
	case errors.Is(err, errNoUser):
		fail(c, invalidToken)
	case err != nil:
		broken(c, err)
	default:
		reply(c, http.StatusOK, profileOf(u))
	}
}

// leave deletes the caller's row.
func (a *api) leave(c *gin.Context) {
	err := a.users.remove(c.Request.Context(), caller(c))
	switch {
	case errors.Is(err, errNoUser):
		fail(c, invalidToken)
	case err != nil:
		broken(c, err)
	default:
		setServerTiming(c)
		c.Status(http.StatusNoContent)
	}
}

// user answers with anybody's public profile.
func (a *api) user(c *gin.Context) {
	id, ok := parseID(c.Param("id"))
	if !ok {
		fail(c, notFound)
		return
	}
	u, err := a.users.public(c.Request.Context(), id)
	switch {
	case errors.Is(err, errNoUser):
		fail(c, notFound)
	case err != nil:
		broken(c, err)
	default:
		reply(c, http.StatusOK, publicProfileOf(u))
	}
}

// list answers with one page of public profiles.
func (a *api) list(c *gin.Context) {
	f := newForm()
	limit := f.query(c, "limit", 20, 1, 100)
	after := f.query(c, "after", 0, 0, maxID)
	if f.refused(c) {
		return
	}
	users, err := a.users.page(c.Request.Context(), after, limit)
	if err != nil {
		broken(c, err)
		return
	}
	answer := page{Items: make([]publicProfile, len(users))}
	for i, u := range users {
		answer.Items[i] = publicProfileOf(u)
	}
	if len(users) > 0 && int64(len(users)) == limit {
		answer.Next = &users[len(users)-1].ID
	}
	reply(c, http.StatusOK, answer)
}
