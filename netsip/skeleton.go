package netsip

import "calla/netsip/sip"

// Session is one call.
type Session struct{ state SessionState }

func (s *Session) ID() string                                     { return "" }
func (s *Session) Direction() Direction                           { return Outgoing }
func (s *Session) State() SessionState                            { return s.state }
func (s *Session) Remote() sip.Address                            { return sip.Address{} }
func (s *Session) RemoteHeld() bool                               { return false }
func (s *Session) Media() MediaSession                            { return nil }
func (s *Session) OnChange(f func(*Session))                      {}
func (s *Session) OnInfo(f func(contentType string, body []byte)) {}
func (s *Session) Answer()                                        {}
func (s *Session) Reject(code int, reason string)                 {}
func (s *Session) HangUp()                                        {}
func (s *Session) SendInfo(contentType string, body []byte)       {}
func (s *Session) End() *End                                      { return nil }
func (s *Session) Times() Times                                   { return Times{} }

// UserAgent is a SIP user agent.
type UserAgent struct{}

// New returns a UserAgent.
func New(o Options) (*UserAgent, error)                                   { return &UserAgent{}, nil }
func (ua *UserAgent) Start()                                              {}
func (ua *UserAgent) Stop(done func())                                    {}
func (ua *UserAgent) Register()                                           {}
func (ua *UserAgent) Unregister(all bool)                                 {}
func (ua *UserAgent) RetryNow()                                           {}
func (ua *UserAgent) Call(target string, o CallOptions) (*Session, error) { return nil, nil }
func (ua *UserAgent) Sessions() []*Session                                { return nil }
func (ua *UserAgent) State() State                                        { return State{} }
func (ua *UserAgent) SetCredentials(password Secret)                      {}
