package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"
)

// tasks delivers mails and webhooks to the sink: each in a goroutine of its own,
// or, when the ladder bounds them, a few at once from a queue.
type tasks struct {
	sink    string
	client  http.Client
	queue   chan func() // nil when there is no bound
	workers sync.WaitGroup
	ctx     context.Context
	giveUp  context.CancelFunc
}

func startTasks(c config) *tasks {
	t := &tasks{sink: c.SinkURL, client: http.Client{Timeout: 5 * time.Second}}
	t.ctx, t.giveUp = context.WithCancel(context.Background())
	if c.Bounded {
		t.queue = make(chan func(), c.QueueSize)
		for range c.QueueWorkers {
			t.workers.Go(t.work)
		}
	}
	return t
}

// add takes a task, or says that the queue is full.
func (t *tasks) add(path string, body any) bool {
	deliver := func() {
		if !t.post(path, body) {
			t.post(path, body)
		}
	}
	if t.queue == nil {
		go deliver()
		return true
	}
	select {
	case t.queue <- deliver:
		return true
	default:
		return false
	}
}

func (t *tasks) work() {
	for deliver := range t.queue {
		deliver()
	}
}

// drain ends the queue and delivers what is in it, within the limit.
func (t *tasks) drain(limit time.Duration) {
	close(t.queue)
	timer := time.AfterFunc(limit, t.giveUp)
	defer timer.Stop()
	t.workers.Wait()
}

// post says whether the sink took the task.
func (t *tasks) post(path string, body any) bool {
	text, err := json.Marshal(body)
	if err != nil {
		return false
	}
	request, err := http.NewRequestWithContext(t.ctx, http.MethodPost, t.sink+path, bytes.NewReader(text))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := t.client.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err == nil && answer.StatusCode/100 == 2
}
