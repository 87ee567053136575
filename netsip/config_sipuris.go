package netsip

import (
	"calla/netsip/sip"
	"errors"
)

func parseSIPURI(s string) (sip.URI, error)        { return sip.URI{}, errors.New("waits for sip.ParseURI") }
func checkURI(s string) (string, string)           { return s, "" }
func checkRegistrar(s string) (string, string)     { return s, "" }
func authorizationUserOf(s string) (string, error) { return "", nil }
func registrarOf(s string) (string, error)         { return s, nil }
