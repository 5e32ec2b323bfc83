package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// task is a body to be posted at a path of the sink.
type task struct {
	path string
	body any
}

type mail struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	To     string `json:"to"`
	UserID int64  `json:"user_id"`
}

type webhook struct {
	ID      string          `json:"id"`
	Event   string          `json:"event"`
	Payload json.RawMessage `json:"payload"`
}

// queue delivers tasks in their order, a few at once. A task takes a slot before
// the answer that promises it, and is put in after that answer.
type queue struct {
	sink   string
	client *http.Client
	slots  chan struct{}
	tasks  chan task

	stopping chan struct{}
	workers  sync.WaitGroup
	lost     atomic.Int64
	// giveUp ends ctx, and with it every delivery.
	ctx    context.Context
	giveUp context.CancelFunc
}

// startQueue starts the workers of a queue of at most size waiting tasks.
func startQueue(sink string, size, workers int) *queue {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	// Two by default: the other workers would connect for each task.
	transport.MaxIdleConnsPerHost = workers
	q := &queue{
		sink:     sink,
		client:   &http.Client{Transport: transport, Timeout: 5 * time.Second},
		slots:    make(chan struct{}, size),
		tasks:    make(chan task, size),
		stopping: make(chan struct{}),
	}
	q.ctx, q.giveUp = context.WithCancel(context.Background())
	for range workers {
		q.workers.Go(q.work)
	}
	return q
}

// reserve takes a slot, unless the queue is full.
func (q *queue) reserve() bool {
	select {
	case q.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

// put queues a task for which a slot was taken; there is room for it.
func (q *queue) put(t task) {
	q.tasks <- t
}

// drain delivers what is queued, within the limit. It returns how many tasks
// were lost since the start.
func (q *queue) drain(limit time.Duration) int64 {
	close(q.stopping)
	timer := time.AfterFunc(limit, q.giveUp)
	defer timer.Stop()
	q.workers.Wait()
	return q.lost.Load()
}

func (q *queue) work() {
	for {
		select {
		case t := <-q.tasks:
			q.take(t)
		case <-q.stopping:
			for {
				select {
				case t := <-q.tasks:
					q.take(t)
				default:
					return
				}
			}
		}
	}
}

// take frees the slot of a task and delivers it, with one retry.
func (q *queue) take(t task) {
	<-q.slots
	body, err := json.Marshal(t.body)
	if err == nil {
		if err = q.post(t.path, body); err != nil {
			err = q.post(t.path, body)
		}
	}
	if err != nil {
		q.lost.Add(1)
	}
}

func (q *queue) post(path string, body []byte) error {
	request, err := http.NewRequestWithContext(q.ctx, http.MethodPost, q.sink+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := q.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	// Read to its end, or the connection is not used again.
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the sink answered %s", answer.Status)
	}
	return nil
}
