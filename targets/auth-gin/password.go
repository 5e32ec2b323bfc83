package main

import (
	"context"
	"errors"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// hasher runs bcrypt, at most so many at once: more would only take the CPUs
// from the requests that need no hash.
type hasher struct {
	cost  int
	slots chan struct{}
	dummy []byte
}

func newHasher(cost, parallelism int) (*hasher, error) {
	dummy, err := bcrypt.GenerateFromPassword([]byte("the password of nobody"), cost)
	if err != nil {
		return nil, err
	}
	return &hasher{cost, make(chan struct{}, parallelism), dummy}, nil
}

// hash is the bcrypt hash of a password of at most 72 bytes.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	var hash []byte
	err := h.run(ctx, func() (err error) {
		hash, err = bcrypt.GenerateFromPassword([]byte(password), h.cost)
		return err
	})
	return string(hash), err
}

// matches says whether hash is that of password. An empty hash matches nothing,
// and takes as long to say so.
func (h *hasher) matches(ctx context.Context, hash, password string) (bool, error) {
	known := hash != ""
	compared := []byte(hash)
	if !known {
		compared = h.dummy
	}
	err := h.run(ctx, func() error {
		return bcrypt.CompareHashAndPassword(compared, []byte(password))
	})
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	// To bcrypt, `pw` and `pw\x00pw` are equal: what could never be registered
	// is never right.
	return known && err == nil && validPassword(password), err
}

// run waits for a slot and does the work in it.
func (h *hasher) run(ctx context.Context, work func() error) error {
	asked := time.Now()
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-h.slots }()
	spent(ctx, hashQueue, asked)

	started := time.Now()
	defer spent(ctx, hashing, started)
	return work()
}
