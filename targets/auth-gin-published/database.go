package main

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// User is a row of the table that GORM derives from the name.
type User struct {
	ID           int64
	Email        string
	Name         string
	PasswordHash string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// openDatabase takes GORM's defaults but for what the ladder changes.
func openDatabase(c config) (*gorm.DB, error) {
	settings := &gorm.Config{
		TranslateError: true,
		// The columns have milliseconds; the answer shall say what they will say.
		NowFunc: func() time.Time { return time.Now().Truncate(time.Millisecond) },
	}
	if c.Release {
		settings.Logger = logger.Discard
	}
	if c.Prepare {
		settings.PrepareStmt = true
		settings.SkipDefaultTransaction = true
	}
	db, err := gorm.Open(postgres.Open(c.DatabaseURL), settings)
	if err != nil || c.PoolSize == 0 {
		return db, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(c.PoolSize)
	pool.SetMaxIdleConns(c.PoolSize)
	return db, fill(pool, c.PoolSize)
}

// fill holds size connections at once, so that all of them are opened.
func fill(pool *sql.DB, size int) error {
	for range size {
		conn, err := pool.Conn(context.Background())
		if err != nil {
			return err
		}
		defer conn.Close()
	}
	return nil
}
