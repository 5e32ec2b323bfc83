package main

import (
	"container/list"
	"math"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"
)

// maxClients bounds the table: the key may be a header of the client's choice.
const maxClients = 100_000

// limiter has a token bucket for each client. The client that was seen longest
// ago is forgotten when there are too many.
type limiter struct {
	rps        float64
	burst      int
	trustProxy bool

	mu      sync.Mutex
	buckets map[string]*list.Element
	recent  *list.List // of *bucket, the latest in front
}

type bucket struct {
	client string
	tokens *rate.Limiter
}

func newLimiter(rps float64, burst int, trustProxy bool) *limiter {
	return &limiter{
		rps:        rps,
		burst:      burst,
		trustProxy: trustProxy,
		buckets:    map[string]*list.Element{},
		recent:     list.New(),
	}
}

// limit refuses requests of a client whose bucket is empty. Whether the target
// is well can always be asked.
func (l *limiter) limit(c *gin.Context) {
	switch c.Request.URL.Path {
	case "/healthz", "/readyz":
		return
	}
	now := time.Now()
	tokens := l.bucket(l.client(c))
	if tokens.AllowN(now, 1) {
		return
	}
	wait := math.Ceil((1 - tokens.TokensAt(now)) / l.rps)
	c.Header("Retry-After", strconv.Itoa(max(1, int(wait))))
	fail(c, rateLimited)
}

// bucket is that of a client, full when it is new.
func (l *limiter) bucket(client string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, ok := l.buckets[client]; ok {
		l.recent.MoveToFront(known)
		return known.Value.(*bucket).tokens
	}
	if l.recent.Len() == maxClients {
		oldest := l.recent.Remove(l.recent.Back()).(*bucket)
		delete(l.buckets, oldest.client)
	}
	// A copy, so that the rest of the header is not kept.
	b := &bucket{strings.Clone(client), rate.NewLimiter(rate.Limit(l.rps), l.burst)}
	l.buckets[b.client] = l.recent.PushFront(b)
	return b.tokens
}

// client is the first address that a proxy names, else the peer's. Gin's
// ClientIP would take the last one that is not a proxy.
func (l *limiter) client(c *gin.Context) string {
	if l.trustProxy {
		first, _, _ := strings.Cut(c.GetHeader("X-Forwarded-For"), ",")
		if first = strings.TrimSpace(first); first != "" {
			return first
		}
	}
	host, _, err := net.SplitHostPort(c.Request.RemoteAddr)
	if err != nil {
		return c.Request.RemoteAddr
	}
	return host
}
