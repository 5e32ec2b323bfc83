package main

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
)

// queued is the answer to an event that will be delivered.
type queued struct {
	ID     string `json:"id"`
	Status string `json:"status"`
}

// notify queues an event; it is delivered after the answer.
func (a *api) notify(c *gin.Context) {
	f, ok := readForm(c)
	if !ok {
		return
	}
	event := f.text("event", validEvent)
	payload := f.object("payload", maxPayload)
	if f.refused(c) {
		return
	}
	if !a.tasks.reserve() {
		c.Header("Retry-After", "1")
		fail(c, queueFull)
		return
	}
	id := uuid.NewString()
	replyWhole(c, http.StatusAccepted, queued{id, "queued"})
	a.tasks.put(task{"/webhook", webhook{id, event, payload}})
}
