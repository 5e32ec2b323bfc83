package main

import (
	"log"
	"net"
	"os"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// config is the part of the contract's environment that this program heeds, and
// the switches of the ladder.
type config struct {
	Address     string
	DatabaseURL string
	JWTSecret   []byte
	JWTTTL      time.Duration
	RateRPS     float64
	RateBurst   int
	TrustProxy  bool
	SinkURL     string

	// LADDER_COST=1: hash at BCRYPT_COST. Without: at the library's default, 10.
	BcryptCost int
	// LADDER_RELEASE=1: Gin's release mode, and no log of requests or statements.
	Release bool
	// LADDER_POOL=1: DB_POOL_SIZE connections, opened before the first request.
	// Without: as many as are asked for, of which two are kept. PoolSize is 0 then.
	PoolSize int
	// LADDER_PREPARE=1: prepared statements, and no transaction around each write.
	Prepare bool
	// LADDER_BOUNDED=1: HASH_PARALLELISM hashes at once; tasks in a queue of
	// QUEUE_SIZE, delivered by QUEUE_WORKERS and drained at the end. Without: a
	// goroutine for each.
	Bounded         bool
	HashParallelism int
	QueueSize       int
	QueueWorkers    int
}

func readConfig() config {
	c := config{
		Address:     net.JoinHostPort(os.Getenv("HOST"), os.Getenv("PORT")),
		DatabaseURL: os.Getenv("DATABASE_URL"),
		JWTSecret:   []byte(os.Getenv("JWT_SECRET")),
		JWTTTL:      time.Duration(number("JWT_TTL_S", 900)) * time.Second,
		RateRPS:     number("RATE_RPS", 1_000_000),
		RateBurst:   int(number("RATE_BURST", 1_000_000)),
		TrustProxy:  os.Getenv("TRUST_PROXY") != "0",
		SinkURL:     os.Getenv("SINK_URL"),
		BcryptCost:  bcrypt.DefaultCost,
		Release:     on("LADDER_RELEASE"),
		Prepare:     on("LADDER_PREPARE"),
		Bounded:     on("LADDER_BOUNDED"),
	}
	if on("LADDER_COST") {
		c.BcryptCost = int(number("BCRYPT_COST", 10))
	}
	if on("LADDER_POOL") {
		c.PoolSize = int(number("DB_POOL_SIZE", 20))
	}
	if c.Bounded {
		c.HashParallelism = int(number("HASH_PARALLELISM", float64(runtime.GOMAXPROCS(0))))
		c.QueueSize = int(number("QUEUE_SIZE", 10_000))
		c.QueueWorkers = int(number("QUEUE_WORKERS", 4))
	}
	return c
}

func on(name string) bool {
	return os.Getenv(name) == "1"
}

func number(name string, standard float64) float64 {
	value := os.Getenv(name)
	if value == "" {
		return standard
	}
	number, err := strconv.ParseFloat(value, 64)
	if err != nil {
		log.Fatalf("%s is %q, not a number", name, value)
	}
	return number
}
