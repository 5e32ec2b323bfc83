package main

import (
	"context"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

// part is something that a request spends time on.
type part int

const (
	poolWait part = iota
	inDatabase
	hashQueue
	hashing
	partCount
)

var partNames = [partCount]string{"pool", "db", "hashq", "hash"}

// timing is where the time of one request goes. Its clock is monotonic.
type timing struct {
	started time.Time
	spent   [partCount]time.Duration
}

type timingKey struct{}

// timed notes when the request came; it is only used with SERVER_TIMING=1.
func timed(c *gin.Context) {
	t := &timing{started: time.Now()}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), timingKey{}, t))
}

// spent adds the time since then to a part of the request of ctx, if it is timed.
func spent(ctx context.Context, p part, since time.Time) {
	if t, ok := ctx.Value(timingKey{}).(*timing); ok {
		t.spent[p] += time.Since(since)
	}
}

// setServerTiming sets the header from what was spent so far.
func setServerTiming(c *gin.Context) {
	if t, ok := c.Request.Context().Value(timingKey{}).(*timing); ok {
		c.Header("Server-Timing", t.header(time.Since(t.started)))
	}
}

// header is the value of Server-Timing; app is the whole time in the program.
// What would read 0.000 is left out.
func (t *timing) header(app time.Duration) string {
	line := make([]byte, 0, 96)
	for p, name := range partNames {
		if t.spent[p].Round(time.Microsecond) > 0 {
			line = appendMetric(line, name, t.spent[p])
			line = append(line, ", "...)
		}
	}
	return string(appendMetric(line, "app", app))
}

func appendMetric(line []byte, name string, d time.Duration) []byte {
	line = append(line, name...)
	line = append(line, ";dur="...)
	return strconv.AppendFloat(line, float64(d)/float64(time.Millisecond), 'f', 3, 64)
}
