//go:build gorm

// This file takes the place of database.go in target auth-gin-gorm.
package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
)

// userRow is the table as GORM sees it; PostgreSQL tells the time.
type userRow struct {
	ID           int64
	Email        string
	Name         string
	PasswordHash string
	CreatedAt    time.Time `gorm:"autoCreateTime:false;default:now()"`
	UpdatedAt    time.Time `gorm:"autoUpdateTime:false;default:now()"`
}

// TableName is what GORM asks for.
func (userRow) TableName() string { return "users" }

func (r userRow) user() user {
	return user{r.ID, r.Email, r.Name, r.CreatedAt, r.UpdatedAt}
}

// database is the table of users behind a pool of fixed size.
type database struct {
	db *gorm.DB
}

// openDatabase returns when all connections are open.
func openDatabase(ctx context.Context, url string, size int) (*database, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.Tracer = tracer{}
	// No round trip before a statement; a broken connection fails the statement.
	never := func(context.Context, stdlib.ShouldPingParams) bool { return false }
	pool := stdlib.OpenDB(*config, stdlib.OptionShouldPing(never))
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	if err := fill(ctx, pool, size); err != nil {
		_ = pool.Close()
		return nil, err
	}
	db, err := gorm.Open(postgres.New(postgres.Config{Conn: pool}), &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		Logger:                 logger.Discard,
	})
	return &database{db}, err
}

// fill holds size connections at once, so that all of them are opened.
func fill(ctx context.Context, pool *sql.DB, size int) error {
	for range size {
		conn, err := pool.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
	}
	return nil
}

func (d *database) close() {
	if pool, err := d.db.DB(); err == nil {
		_ = pool.Close()
	}
}

func (d *database) ping(ctx context.Context) error {
	return d.run(ctx, func(db *gorm.DB) error { return db.Exec("SELECT 1").Error })
}

// insert adds a user, or fails with errEmailTaken.
func (d *database) insert(ctx context.Context, email, name, hash string) (user, error) {
	row := userRow{Email: email, Name: name, PasswordHash: hash}
	err := d.run(ctx, func(db *gorm.DB) error { return db.Create(&row).Error })
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return user{}, errEmailTaken
	}
	return row.user(), err
}

// credentials are the id and the password's hash of the user with this e-mail.
func (d *database) credentials(ctx context.Context, email string) (credentials, error) {
	var row userRow
	err := d.run(ctx, func(db *gorm.DB) error {
		return db.Select("id", "password_hash").Where("email = ?", email).Take(&row).Error
	})
	return credentials{row.ID, row.PasswordHash}, err
}

func (d *database) byID(ctx context.Context, id int64) (user, error) {
	var row userRow
	err := d.run(ctx, func(db *gorm.DB) error {
		return db.Omit("password_hash").Take(&row, id).Error
	})
	return row.user(), err
}

func (d *database) rename(ctx context.Context, id int64, name string) (user, error) {
	var row userRow
	err := d.run(ctx, func(db *gorm.DB) error {
		changes := map[string]any{"name": name, "updated_at": gorm.Expr("now()")}
		return touched(db.Model(&row).Clauses(returning).Where("id = ?", id).Updates(changes))
	})
	return row.user(), err
}

func (d *database) remove(ctx context.Context, id int64) error {
	return d.run(ctx, func(db *gorm.DB) error {
		return touched(db.Delete(&userRow{}, id))
	})
}

func (d *database) public(ctx context.Context, id int64) (publicUser, error) {
	var row userRow
	err := d.run(ctx, func(db *gorm.DB) error {
		return db.Select("id", "name", "created_at").Take(&row, id).Error
	})
	return publicUser{row.ID, row.Name, row.CreatedAt}, err
}

// page is the first users, at most limit, whose ids are above after.
func (d *database) page(ctx context.Context, after, limit int64) ([]publicUser, error) {
	var users []publicUser
	err := d.run(ctx, func(db *gorm.DB) error {
		return db.Model(&userRow{}).Where("id > ?", after).Order("id").Limit(int(limit)).Find(&users).Error
	})
	return users, err
}

// returning is what an update gives back, so that no second statement is needed.
var returning = clause.Returning{Columns: []clause.Column{
	{Name: "id"}, {Name: "email"}, {Name: "name"}, {Name: "created_at"}, {Name: "updated_at"},
}}

// touched is errNoUser when a statement has changed no row.
func touched(db *gorm.DB) error {
	if db.Error == nil && db.RowsAffected == 0 {
		return errNoUser
	}
	return db.Error
}

// run runs a statement on a connection of the pool, which is taken by hand so
// that the wait for it is known. PrepareStmt has no hold on such a connection;
// pgx itself prepares each statement once a connection.
func (d *database) run(ctx context.Context, statement func(*gorm.DB) error) error {
	asked := time.Now()
	err := d.db.WithContext(ctx).Connection(func(db *gorm.DB) error {
		spent(ctx, poolWait, asked)
		return statement(db)
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return errNoUser
	}
	return err
}

// tracer notes the time of each statement below GORM: what GORM itself takes is
// the program's own time.
type tracer struct{}

type sentKey struct{}

// TraceQueryStart is called before a statement is sent.
func (tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, sentKey{}, time.Now())
}

// TraceQueryEnd is called after the last row.
func (tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if sent, ok := ctx.Value(sentKey{}).(time.Time); ok {
		spent(ctx, inDatabase, sent)
	}
}
