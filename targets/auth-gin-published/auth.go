package main

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"golang.org/x/crypto/bcrypt"
	"gorm.io/gorm"
)

var (
	emailRule      = regexp.MustCompile(`^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}$`)
	passwordRule   = regexp.MustCompile(`^[\x21-\x7e]{8,64}$`)
	nameRule       = regexp.MustCompile(`^[^\x00-\x1f\x7f]{1,64}$`)
	credentialRule = regexp.MustCompile(`^(?s:.{1,254})$`)
)

func (a *app) register(c *gin.Context) {
	b, ok := readBody(c)
	if !ok {
		return
	}
	email := strings.ToLower(b.text("email", emailRule))
	if len(email) > 254 {
		b.wrong["email"] = "invalid"
	}
	password := b.text("password", passwordRule)
	name := b.text("name", nameRule)
	if b.refused(c) {
		return
	}

	hash, err := a.hash(password)
	if err != nil {
		broken(c)
		return
	}
	user := User{Email: email, Name: name, PasswordHash: string(hash)}
	if err := a.db.Create(&user).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
		fail(c, 409, "email_taken", "email is already registered")
		return
	} else if err != nil {
		broken(c)
		return
	}

	c.Header("Location", fmt.Sprintf("/users/%d", user.ID))
	c.PureJSON(http.StatusCreated, profile(user))
	a.tasks.add("/mail", gin.H{"id": uuid.NewString(), "kind": "welcome", "to": email, "user_id": user.ID})
}

// login answers an unknown e-mail at once, as the post's program does, and takes
// every error of the database for an unknown e-mail.
func (a *app) login(c *gin.Context) {
	b, ok := readBody(c)
	if !ok {
		return
	}
	email := strings.ToLower(b.text("email", credentialRule))
	password := b.text("password", credentialRule)
	if b.refused(c) {
		return
	}

	var user User
	if err := a.db.Where("email = ?", email).First(&user).Error; err != nil {
		unauthorized(c, "invalid_credentials", "email or password is wrong", "Bearer")
		return
	}
	if err := a.compare(user.PasswordHash, password); err != nil {
		unauthorized(c, "invalid_credentials", "email or password is wrong", "Bearer")
		return
	}
	token, err := a.issue(user.ID)
	if err != nil {
		broken(c)
		return
	}
	c.PureJSON(http.StatusOK, gin.H{
		"access_token": token,
		"token_type":   "Bearer",
		"expires_in":   int64(a.config.JWTTTL.Seconds()),
	})
}

func (a *app) hash(password string) ([]byte, error) {
	defer a.slot()()
	return bcrypt.GenerateFromPassword([]byte(password), a.config.BcryptCost)
}

func (a *app) compare(hash, password string) error {
	defer a.slot()()
	return bcrypt.CompareHashAndPassword([]byte(hash), []byte(password))
}

// slot waits for a slot for hashing and returns what frees it.
func (a *app) slot() func() {
	if a.hashes == nil {
		return func() {}
	}
	a.hashes <- struct{}{}
	return func() { <-a.hashes }
}
