// Auth-gin is contract auth/1 with Gin and pgx.
//
// This file starts the parts and stops them in order; routes.go is the map.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
)

// patience is how long requests in flight, and then queued tasks, may take to
// end after SIGTERM.
const patience = 5 * time.Second

// api is what the handlers share.
type api struct {
	users     *database
	passwords *hasher
	tokens    *tokens
	tasks     *queue
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "versions" {
		printVersions()
		return
	}
	if err := run(); err != nil {
		slog.Error("could not serve", "error", err)
		os.Exit(1)
	}
}

// run serves until SIGTERM or an interrupt.
func run() error {
	config, err := readConfig(os.Getenv)
	if err != nil {
		return err
	}
	slog.SetLogLoggerLevel(config.LogLevel)
	gin.SetMode(gin.ReleaseMode)

	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()

	users, err := openDatabase(stop, config.DatabaseURL, config.PoolSize)
	if err != nil {
		return fmt.Errorf("could not open the database: %w", err)
	}
	defer users.close()
	passwords, err := newHasher(config.BcryptCost, config.HashParallelism)
	if err != nil {
		return fmt.Errorf("could not hash: %w", err)
	}
	tasks := startQueue(config.SinkURL, config.QueueSize, config.QueueWorkers)
	a := &api{
		users:     users,
		passwords: passwords,
		tokens:    newTokens(config.JWTSecret, config.JWTTTL),
		tasks:     tasks,
	}

	err = serve(stop, &http.Server{
		Addr:              config.Address,
		Handler:           a.routes(config),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       75 * time.Second,
	})
	if lost := tasks.drain(patience); lost > 0 {
		slog.Warn("gave up on queued tasks", "lost", lost)
	}
	return err
}

// serve listens until stop is done, then lets requests in flight end.
func serve(stop context.Context, server *http.Server) error {
	listener, err := net.Listen("tcp", server.Addr)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-stop.Done():
	}

	grace, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err = server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	}
	return err
}
