//go:build !gorm

package main

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Every statement. pgx prepares each once a connection.
const (
	sqlInsert = `INSERT INTO users (email, name, password_hash) VALUES ($1, $2, $3)
		RETURNING id, email, name, created_at, updated_at`
	sqlCredentials = `SELECT id, password_hash FROM users WHERE email = $1`
	sqlByID        = `SELECT id, email, name, created_at, updated_at FROM users WHERE id = $1`
	sqlRename      = `UPDATE users SET name = $2, updated_at = now() WHERE id = $1
		RETURNING id, email, name, created_at, updated_at`
	sqlRemove = `DELETE FROM users WHERE id = $1 RETURNING id`
	sqlPublic = `SELECT id, name, created_at FROM users WHERE id = $1`
	sqlPage   = `SELECT id, name, created_at FROM users WHERE id > $1 ORDER BY id LIMIT $2`
	sqlPing   = `SELECT 1`
)

// uniqueViolation is the SQLSTATE of a duplicate.
const uniqueViolation = "23505"

// database is the table of users behind a pool of fixed size.
type database struct {
	pool *pgxpool.Pool
}

// openDatabase returns when all connections are open.
func openDatabase(ctx context.Context, url string, size int) (*database, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(size)
	config.MinConns = int32(size)
	// No round trip before a statement; a broken connection fails the statement.
	config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := fill(ctx, pool, size); err != nil {
		pool.Close()
		return nil, err
	}
	return &database{pool}, nil
}

// fill holds size connections at once, so that all of them are opened.
func fill(ctx context.Context, pool *pgxpool.Pool, size int) error {
	for range size {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
	}
	return nil
}

func (d *database) close() {
	d.pool.Close()
}

func (d *database) ping(ctx context.Context) error {
	_, err := one(ctx, d, pgx.RowTo[int], sqlPing)
	return err
}

// insert adds a user, or fails with errEmailTaken.
func (d *database) insert(ctx context.Context, email, name, hash string) (user, error) {
	u, err := one(ctx, d, pgx.RowToStructByPos[user], sqlInsert, email, name, hash)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == uniqueViolation {
		return user{}, errEmailTaken
	}
	return u, err
}

// credentials are the id and the password's hash of the user with this e-mail.
func (d *database) credentials(ctx context.Context, email string) (credentials, error) {
	return one(ctx, d, pgx.RowToStructByPos[credentials], sqlCredentials, email)
}

func (d *database) byID(ctx context.Context, id int64) (user, error) {
	return one(ctx, d, pgx.RowToStructByPos[user], sqlByID, id)
}

func (d *database) rename(ctx context.Context, id int64, name string) (user, error) {
	return one(ctx, d, pgx.RowToStructByPos[user], sqlRename, id, name)
}

func (d *database) remove(ctx context.Context, id int64) error {
	_, err := one(ctx, d, pgx.RowTo[int64], sqlRemove, id)
	return err
}

func (d *database) public(ctx context.Context, id int64) (publicUser, error) {
	return one(ctx, d, pgx.RowToStructByPos[publicUser], sqlPublic, id)
}

// page is the first users, at most limit, whose ids are above after.
func (d *database) page(ctx context.Context, after, limit int64) ([]publicUser, error) {
	return query(ctx, d, func(rows pgx.Rows) ([]publicUser, error) {
		return pgx.CollectRows(rows, pgx.RowToStructByPos[publicUser])
	}, sqlPage, after, limit)
}

// one is the only row of a statement, or errNoUser.
func one[T any](ctx context.Context, d *database, scan pgx.RowToFunc[T], sql string, args ...any) (T, error) {
	row, err := query(ctx, d, func(rows pgx.Rows) (T, error) {
		return pgx.CollectExactlyOneRow(rows, scan)
	}, sql, args...)
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNoUser
	}
	return row, err
}

// query runs a statement on a connection of the pool, which is taken by hand so
// that the wait for it is known.
func query[T any](ctx context.Context, d *database, collect func(pgx.Rows) (T, error), sql string, args ...any) (T, error) {
	asked := time.Now()
	conn, err := d.pool.Acquire(ctx)
	spent(ctx, poolWait, asked)
	if err != nil {
		var none T
		return none, err
	}
	defer conn.Release()

	sent := time.Now()
	defer func() { spent(ctx, inDatabase, sent) }()
	// An error of Query is also that of the rows.
	rows, _ := conn.Query(ctx, sql, args...)
	return collect(rows)
}
