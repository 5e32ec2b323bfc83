// Greet-go is contract greet/1 with net/http alone.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// greet names the path as it was sent, escapes included.
func greet(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "Hello, visitor! You've requested: %s\n", r.URL.EscapedPath())
}

// counted adds one to served for every request that next has answered.
func counted(next http.Handler, served *atomic.Uint64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		served.Add(1)
	})
}

// newServer takes a bare handler: ServeMux would redirect some paths.
func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Addr:        net.JoinHostPort(os.Getenv("HOST"), os.Getenv("PORT")),
		Handler:     handler,
		IdleTimeout: 75 * time.Second,
	}
}

func main() {
	var handler http.Handler = http.HandlerFunc(greet)
	var served atomic.Uint64
	counting := os.Getenv("COUNT_REQUESTS") == "1"
	if counting {
		handler = counted(handler, &served)
	}

	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	server := newServer(handler)
	go func() {
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()

	<-stop.Done()
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		log.Print(err)
	}
	if counting {
		fmt.Printf("requests served: %d\n", served.Load())
	}
}
