package main

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt/v5"
)

const (
	issuer    = "dyno"
	callerKey = "caller"
)

var errSubject = errors.New("sub is no user's id")

// tokens issues and checks JSON Web Tokens.
type tokens struct {
	secret []byte
	ttl    time.Duration
	parser *jwt.Parser
}

func newTokens(secret []byte, ttl time.Duration) *tokens {
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(issuer),
		jwt.WithExpirationRequired(),
		// Otherwise some changes to a signature's last character go unnoticed.
		jwt.WithStrictDecoding(),
	)
	return &tokens{secret, ttl, parser}
}

// issue makes a token for the user with this id.
func (t *tokens) issue(id int64) (string, error) {
	now := time.Now()
	claims := jwt.RegisteredClaims{
		Issuer:    issuer,
		Subject:   strconv.FormatInt(id, 10),
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(t.ttl)),
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(t.secret)
}

// check reads the id of the user that a token was made for.
func (t *tokens) check(token string) (int64, error) {
	// RegisteredClaims would take a text for `exp`.
	claims := jwt.MapClaims{}
	key := func(*jwt.Token) (any, error) { return t.secret, nil }
	if _, err := t.parser.ParseWithClaims(token, claims, key); err != nil {
		return 0, err
	}
	subject, err := claims.GetSubject()
	if err != nil {
		return 0, err
	}
	id, ok := parseID(subject)
	if !ok {
		return 0, errSubject
	}
	return id, nil
}

// authenticated lets requests with a valid token pass.
func (a *api) authenticated(c *gin.Context) {
	scheme, token, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, bearer) || token == "" {
		fail(c, missingToken)
		return
	}
	id, err := a.tokens.check(token)
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		fail(c, tokenExpired)
	case err != nil:
		fail(c, invalidToken)
	default:
		c.Set(callerKey, id)
	}
}

// caller is the id that authenticated has found.
func caller(c *gin.Context) int64 {
	return c.GetInt64(callerKey)
}
