package main

import "github.com/gin-gonic/gin"

const bearerInvalid = `Bearer error="invalid_token"`

// fail answers with an error; no later handler runs.
func fail(c *gin.Context, status int, code, message string) {
	c.Abort()
	c.PureJSON(status, gin.H{"error": gin.H{"code": code, "message": message}})
}

func unauthorized(c *gin.Context, code, message, challenge string) {
	c.Header("WWW-Authenticate", challenge)
	fail(c, 401, code, message)
}

func broken(c *gin.Context) {
	fail(c, 500, "internal", "internal server error")
}

// refused answers when there is something wrong.
func refused(c *gin.Context, wrong map[string]string) bool {
	if len(wrong) == 0 {
		return false
	}
	c.Abort()
	c.PureJSON(422, gin.H{"error": gin.H{
		"code": "validation_failed", "message": "request is not valid", "fields": wrong,
	}})
	return true
}
