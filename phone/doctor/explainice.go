package doctor

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"time"

	"github.com/pion/stun/v4"

	"calla/netsip/ws"
	"calla/phone/cause"
	"calla/phone/safe"
)

// Codes of TURN (RFC 8656 section 19).
const (
	codeWrongCredentials = 441
	codeQuota            = 486
	codeFull             = 508
)

// ExplainRelay finds the cause of the failure of a STUN or TURN server: what uri is in the account, and how long it was
// waited for where it has not answered. err is not nil.
func ExplainRelay(uri string, err error, after time.Duration) cause.Cause {
	c := cause.Cause{Server: uri, Action: cause.ActionEditAccount, Detail: err.Error(), Parameter: "turn_servers"}
	var dns *net.DNSError
	var refused *stun.TurnError
	var proxy *ws.ProxyError
	var file *ws.FileError
	switch {
	case errors.As(err, &proxy):
		c.Parameter = "calla.proxy"
		return explainProxy(c, proxy)
	case errors.As(err, &file):
		c.Kind, c.File, c.Parameter = cause.FileUnusable, file.Path, file.Parameter
		c.System, c.Exit = cause.OfSystem(file.Err)
	case errors.As(err, &dns) && dns.IsNotFound:
		c.Kind = cause.ICEServerNotFound
	case errors.As(err, &refused):
		return refusedRelay(c, refused.ErrorCodeAttr)
	case explainICECertificate(&c, err):
	case cause.IsTimeout(err):
		c.Kind, c.After = cause.ICENoAnswer, after
	case errors.As(err, &dns):
		c.Kind = cause.ICEServerNotFound
	default:
		c.Kind = cause.ICEUnusable
		c.System, c.Exit = cause.OfSystem(err)
	}
	return c
}

// refusedRelay tells apart why a TURN server gives no relay.
func refusedRelay(c cause.Cause, code stun.ErrorCodeAttribute) cause.Cause {
	c.Status, c.Phrase = int(code.Code), safe.Line(string(code.Reason), 60)
	switch code.Code {
	case stun.CodeUnauthorized, codeWrongCredentials:
		c.Kind = cause.TURNRefused
	case codeQuota:
		c.Kind, c.Action = cause.TURNQuota, cause.ActionNone
	case codeFull:
		c.Kind, c.Action = cause.TURNFull, cause.ActionNone
	default:
		c.Kind, c.Action = cause.TURNError, cause.ActionNone
	}
	return c
}

// explainICECertificate finds what is wrong with the certificate of a server of ICE; false: it is nothing of that.
func explainICECertificate(c *cause.Cause, err error) bool {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		c.Kind, c.At = cause.ICEExpired, invalid.Cert.NotAfter
	case errors.As(err, &unknown):
		c.Kind, c.Parameter = cause.ICENotTrusted, "calla.tls_ca"
	case errors.As(err, &name):
		c.Kind, c.Names = cause.ICEOfAnother, names(name.Certificate)
	case errors.As(err, &record):
		c.Kind = cause.ICENotEncrypted
	default:
		return false
	}
	return true
}
