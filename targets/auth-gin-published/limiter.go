package main

import (
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"
)

// limiter has a token bucket for each client, and forgets none.
type limiter struct {
	config  config
	mu      sync.Mutex
	clients map[string]*rate.Limiter
}

func newLimiter(c config) *limiter {
	return &limiter{config: c, clients: map[string]*rate.Limiter{}}
}

func (l *limiter) limit(c *gin.Context) {
	if path := c.Request.URL.Path; path == "/healthz" || path == "/readyz" {
		return
	}
	now := time.Now()
	bucket := l.bucket(l.client(c))
	if !bucket.AllowN(now, 1) {
		wait := math.Ceil((1 - bucket.TokensAt(now)) / l.config.RateRPS)
		c.Header("Retry-After", strconv.Itoa(max(1, int(wait))))
		fail(c, 429, "rate_limited", "too many requests")
	}
}

func (l *limiter) bucket(client string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket, ok := l.clients[client]
	if !ok {
		bucket = rate.NewLimiter(rate.Limit(l.config.RateRPS), l.config.RateBurst)
		l.clients[client] = bucket
	}
	return bucket
}

// client is the first address that a proxy names, else the peer's.
func (l *limiter) client(c *gin.Context) string {
	first, _, _ := strings.Cut(c.GetHeader("X-Forwarded-For"), ",")
	if first = strings.TrimSpace(first); first != "" && l.config.TrustProxy {
		return first
	}
	return c.RemoteIP()
}
