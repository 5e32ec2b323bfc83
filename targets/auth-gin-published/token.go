package main

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt/v5"
)

func (a *app) issue(id int64) (string, error) {
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": "dyno",
		"sub": strconv.FormatInt(id, 10),
		"iat": now.Unix(),
		"exp": now.Add(a.config.JWTTTL).Unix(),
	})
	return token.SignedString(a.config.JWTSecret)
}

// authenticated lets requests with a valid token pass.
func (a *app) authenticated(c *gin.Context) {
	scheme, text, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(text) == "" {
		unauthorized(c, "missing_token", "authentication required", "Bearer")
		return
	}
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(
		strings.TrimSpace(text), claims,
		func(*jwt.Token) (any, error) { return a.config.JWTSecret, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer("dyno"),
		jwt.WithExpirationRequired(), jwt.WithStrictDecoding(),
	)
	if errors.Is(err, jwt.ErrTokenExpired) {
		unauthorized(c, "token_expired", "token has expired", bearerInvalid)
		return
	}
	subject, _ := claims["sub"].(string)
	id, wrong := strconv.ParseInt(subject, 10, 64)
	if err != nil || wrong != nil || !idRule.MatchString(subject) {
		unauthorized(c, "invalid_token", "token is not valid", bearerInvalid)
		return
	}
	c.Set("user_id", id)
}
