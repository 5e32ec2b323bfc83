// Auth-gin-published is contract auth/1 the way the blog post runs its Go
// version: Gin and GORM as they come. README.md says what is the post's and what
// is our reading; config.go has the switches of the ladder.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"
)

// app is what the handlers share.
type app struct {
	config config
	db     *gorm.DB
	tasks  *tasks
	hashes chan struct{} // slots for hashing; nil when there is no limit
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "versions" {
		printVersions()
		return
	}
	config := readConfig()
	db, err := openDatabase(config)
	if err != nil {
		log.Fatal("could not open the database: ", err)
	}
	a := &app{config: config, db: db, tasks: startTasks(config)}
	if config.Bounded {
		a.hashes = make(chan struct{}, config.HashParallelism)
	}
	router := a.routes()
	if !config.Bounded {
		log.Fatal(router.Run(config.Address))
	}
	if err := serveAndDrain(router, config.Address, a.tasks); err != nil {
		log.Fatal(err)
	}
}

// routes is the API in the order of the contract.
func (a *app) routes() *gin.Engine {
	router := newEngine(a.config)
	router.HandleMethodNotAllowed = true
	router.RedirectTrailingSlash = false
	router.Use(newLimiter(a.config).limit)

	router.GET("/healthz", func(c *gin.Context) { c.PureJSON(http.StatusOK, gin.H{"status": "ok"}) })
	router.GET("/readyz", a.ready)
	router.POST("/auth/register", a.register)
	router.POST("/auth/login", a.login)
	router.GET("/users/me", a.authenticated, a.me)
	router.PATCH("/users/me", a.authenticated, a.rename)
	router.DELETE("/users/me", a.authenticated, a.leave)
	router.GET("/users/:id", a.authenticated, a.user)
	router.GET("/users", a.authenticated, a.list)
	router.POST("/webhooks", a.authenticated, a.notify)

	router.NoRoute(func(c *gin.Context) { fail(c, 404, "not_found", "resource not found") })
	router.NoMethod(func(c *gin.Context) { fail(c, 405, "method_not_allowed", "method not allowed") })
	return router
}

// newEngine logs every request, unless the ladder says otherwise.
func newEngine(c config) *gin.Engine {
	if !c.Release {
		return gin.Default()
	}
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.Recovery())
	return router
}

func (a *app) ready(c *gin.Context) {
	if err := a.db.Exec("SELECT 1").Error; err != nil {
		fail(c, 503, "not_ready", "database is not available")
		return
	}
	c.PureJSON(http.StatusOK, gin.H{"status": "ready"})
}

// serveAndDrain serves until SIGTERM, then lets requests and tasks end.
func serveAndDrain(router *gin.Engine, address string, tasks *tasks) error {
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	server := &http.Server{Addr: address, Handler: router}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-stop.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	tasks.drain(5 * time.Second)
	return err
}
