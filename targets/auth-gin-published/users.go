package main

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

var idRule = regexp.MustCompile(`^[1-9][0-9]{0,15}$`)

func profile(u User) gin.H {
	return gin.H{
		"id": u.ID, "email": u.Email, "name": u.Name,
		"created_at": timestamp(u.CreatedAt), "updated_at": timestamp(u.UpdatedAt),
	}
}

func publicProfile(u User) gin.H {
	return gin.H{"id": u.ID, "name": u.Name, "created_at": timestamp(u.CreatedAt)}
}

func timestamp(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func (a *app) me(c *gin.Context) {
	var user User
	if err := a.db.First(&user, c.GetInt64("user_id")).Error; errors.Is(err, gorm.ErrRecordNotFound) {
		unauthorized(c, "invalid_token", "token is not valid", bearerInvalid)
	} else if err != nil {
		broken(c)
	} else {
		c.PureJSON(http.StatusOK, profile(user))
	}
}

func (a *app) rename(c *gin.Context) {
	b, ok := readBody(c)
	if !ok {
		return
	}
	name := b.text("name", nameRule)
	if b.refused(c) {
		return
	}
	user := User{ID: c.GetInt64("user_id")}
	// GORM sets updated_at; Returning reads the other columns in the same statement.
	result := a.db.Model(&user).Clauses(clause.Returning{}).Update("name", name)
	if result.Error != nil {
		broken(c)
	} else if result.RowsAffected == 0 {
		unauthorized(c, "invalid_token", "token is not valid", bearerInvalid)
	} else {
		c.PureJSON(http.StatusOK, profile(user))
	}
}

func (a *app) leave(c *gin.Context) {
	result := a.db.Delete(&User{}, c.GetInt64("user_id"))
	if result.Error != nil {
		broken(c)
	} else if result.RowsAffected == 0 {
		unauthorized(c, "invalid_token", "token is not valid", bearerInvalid)
	} else {
		c.Status(http.StatusNoContent)
	}
}

func (a *app) user(c *gin.Context) {
	if !idRule.MatchString(c.Param("id")) {
		fail(c, 404, "not_found", "resource not found")
		return
	}
	// At most 16 digits: a number of 64 bits.
	id, _ := strconv.ParseInt(c.Param("id"), 10, 64)
	var user User
	if err := a.db.First(&user, id).Error; errors.Is(err, gorm.ErrRecordNotFound) {
		fail(c, 404, "not_found", "resource not found")
	} else if err != nil {
		broken(c)
	} else {
		c.PureJSON(http.StatusOK, publicProfile(user))
	}
}

func (a *app) list(c *gin.Context) {
	wrong := map[string]string{}
	limit := query(c, wrong, "limit", "20", 1, 100)
	after := query(c, wrong, "after", "0", 0, 1<<53-1)
	if refused(c, wrong) {
		return
	}
	var users []User
	if err := a.db.Where("id > ?", after).Order("id").Limit(int(limit)).Find(&users).Error; err != nil {
		broken(c)
		return
	}
	items := []gin.H{}
	for _, user := range users {
		items = append(items, publicProfile(user))
	}
	var next any
	if len(users) == int(limit) {
		next = users[len(users)-1].ID
	}
	c.PureJSON(http.StatusOK, gin.H{"items": items, "next": next})
}

// query is a decimal number of the query, noted in wrong when it is none.
func query(c *gin.Context, wrong map[string]string, name, standard string, least, most uint64) uint64 {
	number, err := strconv.ParseUint(c.DefaultQuery(name, standard), 10, 64)
	if err != nil || number < least || number > most {
		wrong[name] = "invalid"
	}
	return number
}
