package phone

import (
	"time"

	"calla/netsip/config"
	"calla/phone/cause"
	"calla/phone/logs"
	"calla/phone/safe"
)

// openLogs starts what an account's log settings ask for (calla.log_file, calla.log_command) and sets the connector in
// c.
func (p *Phone) openLogs(c *config.Config, address string) *logs.Outlets {
	file, line := c.Calla.LogFile, c.Calla.LogCommand
	ofCommand := func(err error) {
		p.tellLog(line, cause.Cause{Kind: cause.LogCommandEnded, Account: address}, err)
	}
	var command []string
	if line != "" {
		var err error
		if command, err = config.CommandWords(line); err != nil {
			ofCommand(err)
		}
	}
	outlets := p.logFiles.Open(logs.Destinations{
		File: file, OfFile: func(err error) {
			p.tellLog(file, cause.Cause{Kind: cause.LogFileUnwritable, File: file},
				err)
		},
		Command: command, OfCommand: ofCommand,
	})
	if outlets == nil {
		return nil
	}
	also := c.Log.Connector
	c.Log.Connector = func(level config.LogLevel, category, label, content string) {
		outlets.Put(logs.Line{
			Time: time.Now(), Account: address, Level: string(level), Category: category, Label: label,
			Content: content,
		})
		if also != nil {
			also(level, category, label, content)
		}
	}
	return outlets
}

// tellLog shows a notice that a log cannot be written or, with nil, takes it away. It is called from any goroutine.
func (p *Phone) tellLog(what string, c cause.Cause, err error) {
	p.loop.Post(func() {
		id := "log " + what
		if err == nil {
			p.withdraw(id)
			return
		}
		p.log.Warn("log lines are not written", "to", what, "error", err)
		c.Detail = safe.Line(err.Error(), 200)
		p.notify(id, c.BySystem(err))
	})
}
