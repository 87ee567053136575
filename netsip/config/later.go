package config

import (
	"fmt"
	"slices"
	"strings"

	"calla/netsip/sip"
)

// laterParameters are those that JsSIP got after the page was written, as JsSIP 3 checks them.
func laterParameters() []Parameter {
	return slices.Concat(laterParametersAToR(), laterParametersSToU())
}

func laterParametersAToR() []Parameter {
	return []Parameter{
		secretParameter("authorization_jwt", GroupIdentity, About{
			Label: "Token instead of a password",
			Help:  "A token to authenticate with instead of a password, such as Bearer eyJhbGciOi….",
			Effect: "The whole value of Authorization in every request to our own domain outside dialogs, " +
				"and in those of calls we began to it, without a challenge; to another domain where " +
				"`realm` asks for it.",
			Accepts: "text; kept secret",
			Change:  ChangeLogsIn,
		}, func(c *Config) *Secret { return &c.AuthorizationJWT }).textOnly().since("3.4.0"),
		textParameter("contact_uri", GroupCompatibility, About{
			Label: "Address in Contact",
			Help:  "The address to put in Contact, and its host in Via, in the place of random ones.",
			Effect: "Contact of REGISTER and, until there is a GRUU, of calls; its host, without port, is " +
				"that of Via.",
			Accepts: "a SIP address that begins with `sip:`, user or none; not `sips:`",
		}, func(c *Config) *string { return &c.ContactURI }, checkContactURI).
			withDefault("random").since("2.0.0"),
		{
			Name: "extra_headers", Kind: KindHeaders, Group: GroupCompatibility, Default: "none", Since: "3.10.0",
			About: About{
				Label: "Additional header fields",
				Help:  "Header fields to add to every request and response, each as Name: value.",
				Effect: "In every request but CANCEL and the ACK of a refusal, and in every response but " +
					"100, as given.",
				Change: ChangeRegisters,
			},
			get: getExtraHeaders, set: setExtraHeaders,
		},
		secretParameter("ha1", GroupIdentity, About{
			Label:  "Hash instead of a password",
			Help:   "The MD5 hash of user:realm:password, in the place of the password; it needs realm, too.",
			Effect: "Challenges of `realm` are answered with a Digest made of it instead of the password.",
			Change: ChangeLogsIn,
		}, func(c *Config) *Secret { return &c.HA1 }).since("0.7.12").
			meaning(func(c *Config) bool { return c.Realm != "" }),
		textParameter("realm", GroupIdentity, About{
			Label: "Realm of the hash",
			Help: "The realm that ha1 is for, as the server names it; it may ask for the password, too, " +
				"beside those that the registrar asked in.",
			Effect: "The realm whose challenges `ha1` answers; a challenge of another realm is not answered " +
				"with it. With a password, challenges of this realm are answered beside those of the " +
				"registrar's.",
			Accepts: "text; a number or boolean as its text",
			Change:  ChangeLogsIn,
		}, func(c *Config) *string { return &c.Realm }, checkQuotable).anyScalar().since("0.7.12"),
	}
}

func laterParametersSToU() []Parameter {
	return []Parameter{
		switchParameter("session_timers", GroupCalls, About{
			Label: "Notice dead calls",
			Help:  "Let both ends find out, by refreshes, that a call is dead.",
			Effect: "`Session-Expires: 1800` and `timer` in Supported of an INVITE (RFC 4028); off: neither, " +
				"and the far end's are not agreed to.",
			Change: ChangeAtUse,
		}, func(c *Config) *Switch { return &c.SessionTimers }).since("0.6.0"),
		flagParameter("session_timers_force_refresher", GroupCalls, About{
			Label: "This phone refreshes calls",
			Help:  "Be the one who refreshes calls that go out.",
			Effect: "`;refresher=uac` in the Session-Expires of our INVITE, `uas` in our answer where the " +
				"caller leaves it open.",
			Change: ChangeAtUse,
		}, func(c *Config) *bool { return &c.SessionTimersForceRefresher }).since("3.6.0"),
		choiceParameter("session_timers_refresh_method", GroupCalls, About{
			Label:  "How calls are refreshed",
			Help:   "The request that refreshes a call.",
			Effect: "A call is refreshed by UPDATE, where the far end has it, or by a re-INVITE.",
			Change: ChangeAtUse,
		}, func(c *Config) *string { return &c.SessionTimersRefreshMethod }, "UPDATE", "INVITE").since("3.1.0"),
		textParameter("user_agent", GroupCompatibility, About{
			Label:   "Name of the program",
			Help:    "The program's name in User-Agent.",
			Effect:  "User-Agent of every request.",
			Accepts: "text",
			Change:  ChangeRegisters,
		}, func(c *Config) *string { return &c.UserAgent }, checkQuotable).
			withDefault("Calla and its version").since("3.2.0"),
	}
}

// checkContactURI wants a SIP URI; unlike in uri, sip: must be there, and the user need not.
func checkContactURI(s string) (string, string) {
	scheme, _, _ := strings.Cut(s, ":")
	switch strings.ToLower(scheme) {
	case "sips":
		return "", "cannot be a sips: address: write sip:, and wss:// in ws_servers for encryption"
	case "sip":
	default:
		return "", "must begin with sip:"
	}
	u, reason := parseConfiguredURI(s)
	if reason != "" {
		return "", reason
	}
	if i := strings.IndexByte(s, '@'); i >= 0 && u.User == "" {
		return "", "has an @ without a user before it"
	}
	return u.String(), ""
}

// checkQuotable takes any text without control characters.
func checkQuotable(s string) (string, string) { return s, badControl(s) }

func choiceParameter(name string, g Group, a About, field func(*Config) *string, choices ...string) Parameter {
	p := textParameter(name, g, a, field, func(s string) (string, string) {
		i := slices.IndexFunc(choices, func(c string) bool { return strings.EqualFold(s, c) })
		if i < 0 {
			return "", "must be " + strings.Join(choices[:len(choices)-1], ", ") + " or " + choices[len(choices)-1]
		}
		return choices[i], ""
	})
	p.Kind, p.Choices, p.Default = KindChoice, choices, choices[0]
	return p
}

func getExtraHeaders(c *Config) any {
	if len(c.ExtraHeaders) == 0 {
		return nil
	}
	list := make([]any, len(c.ExtraHeaders))
	for i, h := range c.ExtraHeaders {
		list[i] = h
	}
	return list
}

// setExtraHeaders takes a list; as in JsSIP, what in it is not text is left out.
func setExtraHeaders(c *Config, v any) *Error {
	if isEmpty(v) {
		c.ExtraHeaders = nil
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		return &Error{Value: v, Reason: "must be a list of header fields such as X-Team: blue"}
	}
	var headers []string
	for _, entry := range list {
		s, ok := entry.(string)
		if !ok {
			continue
		}
		h, reason := ParseHeader(s)
		if reason != "" {
			return &Error{Value: entry, Reason: reason}
		}
		headers = append(headers, h.Name+": "+h.Value)
	}
	c.ExtraHeaders = headers
	return nil
}

// ParseHeader reads "Name: value", a header field that is not one of those the user agent makes itself.
func ParseHeader(s string) (sip.Header, string) {
	if reason := badText(s); reason != "" {
		return sip.Header{}, fmt.Sprintf("has the header field %q, which %s", s, reason)
	}
	name, value, ok := strings.Cut(s, ":")
	h := sip.Header{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)}
	if !ok {
		return sip.Header{}, fmt.Sprintf("has %q, which is not a header field such as X-Team: blue", s)
	}
	if err := CheckHeader(h); err != nil {
		return sip.Header{}, fmt.Sprintf("has the header field %q, which cannot be added: %v", s, err)
	}
	return h, badControl(h.Value)
}

// ownHeaders are those of which there may be one, made by the engine.
const ownHeaders = " via from to call-id cseq contact max-forwards content-length content-type route record-route " +
	"authorization proxy-authorization v f t i m l c "

// CheckHeader refuses what would not stay one header field, or would contradict ours.
func CheckHeader(h sip.Header) error {
	switch {
	case h.Name == "" || strings.Trim(strings.ToLower(h.Name), "abcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~") != "":
		return fmt.Errorf("extra header %q: not a header name", h.Name)
	case strings.Contains(ownHeaders, " "+strings.ToLower(h.Name)+" "):
		return fmt.Errorf("extra header %q: made by the user agent", h.Name)
	}
	if err := sip.CheckText(h.Value); err != nil {
		return fmt.Errorf("extra header %s: %w", h.Name, err)
	}
	return nil
}
