package main

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// failure is an answer that says why there is no other.
type failure struct {
	status    int
	code      string
	message   string
	challenge string // of WWW-Authenticate, when it has one
}

const (
	bearer        = "Bearer"
	bearerInvalid = `Bearer error="invalid_token"`
)

// The contract's table of failures, and what it has no word for.
var (
	badJSON              = failure{http.StatusBadRequest, "bad_json", "request body is not valid JSON", ""}
	missingToken         = failure{http.StatusUnauthorized, "missing_token", "authentication required", bearer}
	invalidToken         = failure{http.StatusUnauthorized, "invalid_token", "token is not valid", bearerInvalid}
	tokenExpired         = failure{http.StatusUnauthorized, "token_expired", "token has expired", bearerInvalid}
	invalidCredentials   = failure{http.StatusUnauthorized, "invalid_credentials", "email or password is wrong", bearer}
	notFound             = failure{http.StatusNotFound, "not_found", "resource not found", ""}
	methodNotAllowed     = failure{http.StatusMethodNotAllowed, "method_not_allowed", "method not allowed", ""}
	emailTaken           = failure{http.StatusConflict, "email_taken", "email is already registered", ""}
	tooLarge             = failure{http.StatusRequestEntityTooLarge, "too_large", "request body is too large", ""}
	unsupportedMediaType = failure{http.StatusUnsupportedMediaType, "unsupported_media_type", "content type must be application/json", ""}
	validationFailed     = failure{http.StatusUnprocessableEntity, "validation_failed", "request is not valid", ""}
	rateLimited          = failure{http.StatusTooManyRequests, "rate_limited", "too many requests", ""}
	notReady             = failure{http.StatusServiceUnavailable, "not_ready", "database is not available", ""}
	queueFull            = failure{http.StatusServiceUnavailable, "queue_full", "task queue is full", ""}
	internal             = failure{http.StatusInternalServerError, "internal", "internal server error", ""}
)

// errorBody is the shape of every failure.
type errorBody struct {
	Error errorDetail `json:"error"`
}

type errorDetail struct {
	Code    string            `json:"code"`
	Message string            `json:"message"`
	Fields  map[string]string `json:"fields,omitempty"`
}

// fail answers with f; no later handler runs.
func fail(c *gin.Context, f failure) {
	failFields(c, f, nil)
}

// failFields answers with f and says what is wrong with each field.
func failFields(c *gin.Context, f failure, fields map[string]string) {
	if f.challenge != "" {
		c.Header("WWW-Authenticate", f.challenge)
	}
	c.Abort()
	reply(c, f.status, errorBody{errorDetail{f.code, f.message, fields}})
}
