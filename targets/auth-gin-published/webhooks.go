package main

import (
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
)

var eventRule = regexp.MustCompile(`^[a-z][a-z0-9._]{0,63}$`)

func (a *app) notify(c *gin.Context) {
	b, ok := readBody(c)
	if !ok {
		return
	}
	event := b.text("event", eventRule)
	payload := b.object("payload", 4096)
	if b.refused(c) {
		return
	}
	id := uuid.NewString()
	if !a.tasks.add("/webhook", gin.H{"id": id, "event": event, "payload": payload}) {
		c.Header("Retry-After", "1")
		fail(c, 503, "queue_full", "task queue is full")
		return
	}
	c.PureJSON(http.StatusAccepted, gin.H{"id": id, "status": "queued"})
}
