package atlas

// What a test waits for comes with the next question.
func init() { wait.tries, wait.pause = 4, func() {} }
