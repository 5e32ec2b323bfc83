package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"
)

// routes is the API in the order of the contract. What comes first in Use is
// asked first: a limited request is not even routed.
func (a *api) routes(c config) http.Handler {
	router := gin.New()
	router.HandleMethodNotAllowed = true
	// `/users/` is no path of the contract: 404 rather than a redirect.
	router.RedirectTrailingSlash = false
	if c.ServerTiming {
		router.Use(timed)
	}
	limiter := newLimiter(c.RateRPS, c.RateBurst, c.TrustProxy)
	router.Use(gin.CustomRecovery(recovered), limiter.limit)

	router.GET("/healthz", a.health)
	router.GET("/readyz", a.ready)
	router.POST("/auth/register", a.register)
	router.POST("/auth/login", a.login)
	router.GET("/users/me", a.authenticated, a.me)
	router.PATCH("/users/me", a.authenticated, a.rename)
	router.DELETE("/users/me", a.authenticated, a.leave)
	router.GET("/users/:id", a.authenticated, a.user)
	router.GET("/users", a.authenticated, a.list)
	router.POST("/webhooks", a.authenticated, a.notify)

	router.NoRoute(func(c *gin.Context) { fail(c, notFound) })
	// Gin has set Allow already.
	router.NoMethod(func(c *gin.Context) { fail(c, methodNotAllowed) })
	return router
}

// reply sends body as JSON.
func reply(c *gin.Context, status int, body any) {
	setServerTiming(c)
	c.PureJSON(status, body)
}

// replyWhole has sent the whole answer when it returns. What reply writes is sent
// after the handler's end only, and so after a task that it queues at its end.
func replyWhole(c *gin.Context, status int, body any) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	// Structs of texts and numbers can be encoded.
	_ = encoder.Encode(body)
	setServerTiming(c)
	c.DataFromReader(status, int64(text.Len()), "application/json; charset=utf-8", &text, nil)
	// With a known length there are no chunks, the last of which would still be missing.
	c.Writer.Flush()
}

// recovered answers for a handler that panicked; Recovery has logged why.
func recovered(c *gin.Context, _ any) {
	fail(c, internal)
}

// broken answers for an error that is not the client's.
func broken(c *gin.Context, err error) {
	// That the client has gone away is no fault.
	if c.Request.Context().Err() == nil {
		slog.Error("could not answer", "method", c.Request.Method, "path", c.FullPath(), "error", err)
	}
	fail(c, internal)
}
