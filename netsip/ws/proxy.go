package ws

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"calla/netsip/config"
)

// proxyOfWay returns the proxy between us and a server, nil where there is none: the configured one or the
// environment's (HTTPS_PROXY for wss, HTTP_PROXY for ws, NO_PROXY), but never on the way to this computer itself.
func proxyOfWay(address string, a config.Additions) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("server address: %w", err)
	}
	if a.Proxy == config.ProxyNone || isLoopback(u.Hostname()) {
		return nil, nil
	}
	if a.Proxy == "" {
		way := url.URL{Scheme: "http", Host: u.Host}
		if u.Scheme == "wss" {
			way.Scheme = "https"
		}
		proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &way})
		if err != nil {
			return nil, &ProxyError{Proxy: "of the environment", Err: errors.New("its address cannot be read")}
		}
		return proxy, nil
	}
	proxy, err := url.Parse(a.Proxy)
	if err != nil {
		return nil, &ProxyError{Proxy: "of the configuration", Err: errors.New("its address cannot be read")}
	}
	if proxy.User != nil && a.ProxyPassword != "" {
		proxy.User = url.UserPassword(proxy.User.Username(), a.ProxyPassword.Reveal())
	}
	return proxy, nil
}

// isLoopback tells whether a host is this computer.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// dialThrough asks an HTTP proxy for a tunnel to addr (RFC 9110 section 9.3.6), by a dial that bounds what the proxy
// may say. The error is a *ProxyError.
func dialThrough(
	ctx context.Context, proxy *url.URL, addr string,
	dial func(ctx context.Context, network, addr string) (net.Conn, error),
) (net.Conn, error) {
	host := proxy.Host
	if proxy.Port() == "" {
		host = net.JoinHostPort(proxy.Hostname(), "80")
	}
	conn, err := dial(ctx, "tcp", host)
	if err != nil {
		return nil, &ProxyError{Proxy: host, Err: err}
	}
	if code, err := tunnel(conn, proxy.User, addr); err != nil {
		_ = conn.Close()
		return nil, &ProxyError{Proxy: host, StatusCode: code, Err: err}
	}
	return conn, nil
}

// tunnel sends CONNECT and reads the answer; the server behind it says nothing before we do.
func tunnel(conn net.Conn, user *url.Userinfo, addr string) (code int, err error) {
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: addr}, Host: addr, Header: make(http.Header)}
	if user != nil {
		password, _ := user.Password()
		login := base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
		req.Header.Set("Proxy-Authorization", "Basic "+login)
	}
	if err := req.Write(conn); err != nil {
		return 0, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return resp.StatusCode, errors.New("answers " + resp.Status)
	}
	return resp.StatusCode, nil
}
