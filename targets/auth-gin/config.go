package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// config is the environment of contract auth/1, read and checked.
type config struct {
	Address         string
	DatabaseURL     string
	PoolSize        int
	BcryptCost      int
	HashParallelism int
	JWTSecret       []byte
	JWTTTL          time.Duration
	RateRPS         float64
	RateBurst       int
	TrustProxy      bool
	SinkURL         string
	QueueSize       int
	QueueWorkers    int
	ServerTiming    bool
	LogLevel        slog.Level
}

// readConfig asks getenv for every variable and reports all that are wrong.
func readConfig(getenv func(string) string) (config, error) {
	e := environment{getenv: getenv}
	c := config{
		Address:         net.JoinHostPort(e.text("HOST", ""), e.text("PORT", "")),
		DatabaseURL:     e.text("DATABASE_URL", ""),
		PoolSize:        e.integer("DB_POOL_SIZE", 20, 1, 10_000),
		BcryptCost:      e.integer("BCRYPT_COST", 10, bcrypt.MinCost, 14),
		HashParallelism: e.integer("HASH_PARALLELISM", runtime.GOMAXPROCS(0), 1, 1024),
		JWTSecret:       []byte(e.text("JWT_SECRET", "")),
		JWTTTL:          time.Duration(e.integer("JWT_TTL_S", 900, 1, 1_000_000_000)) * time.Second,
		RateRPS:         e.number("RATE_RPS", 1_000_000, 1e-3, 1e9),
		RateBurst:       e.integer("RATE_BURST", 1_000_000, 1, 1_000_000_000),
		TrustProxy:      e.flag("TRUST_PROXY", true),
		SinkURL:         e.text("SINK_URL", ""),
		QueueSize:       e.integer("QUEUE_SIZE", 10_000, 1, 10_000_000),
		QueueWorkers:    e.integer("QUEUE_WORKERS", 4, 1, 1024),
		ServerTiming:    e.flag("SERVER_TIMING", false),
	}
	if len(c.JWTSecret) > 0 && len(c.JWTSecret) < 32 {
		e.problem("JWT_SECRET", "has %d bytes, at least 32 are needed", len(c.JWTSecret))
	}
	if err := c.LogLevel.UnmarshalText([]byte(e.text("LOG_LEVEL", "warn"))); err != nil {
		e.problem("LOG_LEVEL", "is none of debug, info, warn, error")
	}
	return c, errors.Join(e.problems...)
}

// environment reads variables and collects what is wrong with them.
type environment struct {
	getenv   func(string) string
	problems []error
}

func (e *environment) problem(name, format string, args ...any) {
	e.problems = append(e.problems, fmt.Errorf("%s "+format, append([]any{name}, args...)...))
}

// text is a variable that must be set unless it has a default.
func (e *environment) text(name, standard string) string {
	if value := e.getenv(name); value != "" {
		return value
	}
	if standard == "" {
		e.problem(name, "is not set")
	}
	return standard
}

func (e *environment) integer(name string, standard, least, most int) int {
	value := e.getenv(name)
	if value == "" {
		return standard
	}
	number, err := strconv.Atoi(value)
	if err != nil || number < least || number > most {
		e.problem(name, "is %q, not a number from %d to %d", value, least, most)
	}
	return number
}

func (e *environment) number(name string, standard, least, most float64) float64 {
	value := e.getenv(name)
	if value == "" {
		return standard
	}
	number, err := strconv.ParseFloat(value, 64)
	// Written so that NaN is refused, too.
	if err != nil || !(number >= least && number <= most) {
		e.problem(name, "is %q, not a number from %g to %g", value, least, most)
	}
	return number
}

func (e *environment) flag(name string, standard bool) bool {
	switch value := e.getenv(name); value {
	case "":
		return standard
	case "0", "1":
		return value == "1"
	default:
		e.problem(name, "is %q, neither 0 nor 1", value)
		return standard
	}
}
