package main

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// status is the answer of both health routes.
type status struct {
	Status string `json:"status"`
}

// health says that the process is there.
func (a *api) health(c *gin.Context) {
	reply(c, http.StatusOK, status{"ok"})
}

// ready says whether the database answers within two seconds.
func (a *api) ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 2*time.Second)
	defer cancel()
	if err := a.users.ping(ctx); err != nil {
		fail(c, notReady)
		return
	}
	reply(c, http.StatusOK, status{"ready"})
}
