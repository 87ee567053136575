package ws

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
)

// errOtherProxy is that the environment names a proxy of another kind, such as SOCKS.
var errOtherProxy = errors.New("is no HTTP proxy")

// DialTCP opens a TCP connection to another server than those of SIP, such as a TURN server: through the proxy that a
// wss: address there would go through, and never through one to this computer. The context bounds it.
func (d *Dialer) DialTCP(ctx context.Context, address string) (net.Conn, error) {
	way := wayTo{
		dialer: &Dialer{Resolver: d.Resolver, Addresses: d.Addresses}, address: "wss://" + address,
		release: func() bool { return true },
	}
	proxy, err := proxyOfWay(way.address, d.Config)
	if err != nil {
		return nil, err
	}
	switch {
	case proxy == nil:
		_, err = way.open(ctx, "tcp", address)
	case proxy.Scheme != "http":
		err = &ProxyError{Proxy: proxy.Host, Err: errOtherProxy}
	default:
		_, err = dialThrough(ctx, proxy, address, way.open)
	}
	inTime := way.release()
	switch {
	case err != nil:
		return nil, err
	case !inTime:
		_ = way.conn.Close()
		return nil, context.Cause(ctx)
	}
	d.Addresses.note(way.name, way.conn, false)
	return way.conn.Conn, nil
}

// Trust is who must vouch for a server other than SIP's, of that name: the system's authorities or those of
// calla.tls_ca, with no key too short. The client certificate is for the SIP servers alone. The error is a *FileError.
func (d *Dialer) Trust(host string) (*tls.Config, error) {
	authorities := d.Config
	authorities.ClientCertificate, authorities.ClientKey = "", ""
	config, err := clientTLS("wss:", authorities, d.TLS)
	if err != nil {
		return nil, err
	}
	config.ServerName = host
	return config, nil
}
