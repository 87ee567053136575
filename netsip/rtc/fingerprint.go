package rtc

import (
	"slices"
	"strings"
)

// maxFingerprints is how many certificates of one far end are remembered; more are ignored.
const maxFingerprints = 16

// readFingerprints returns, of the values of a=fingerprint, the well-formed ones of the best hash among them, as
// "sha-256 AB:CD:…", in order of text: the certificate has to match one of these (RFC 8122 section 5.1).
func readFingerprints(values []string) []string {
	// The best first. RFC 8122 section 5 forbids MD2 and MD5 alone.
	for _, hash := range []string{"sha-512", "sha-384", "sha-256", "sha-224", "sha-1"} {
		size := len(digest(hash, nil))
		var all []string
		for _, v := range values {
			f := strings.Fields(v)
			if len(f) != 2 || !strings.EqualFold(f[0], hash) || len(f[1]) != size || !hexPairs(f[1]) {
				continue
			}
			all = append(all, hash+" "+strings.ToUpper(f[1]))
		}
		if len(all) > 0 {
			slices.Sort(all)
			all = slices.Compact(all)
			return all[:min(len(all), maxFingerprints)]
		}
	}
	return nil
}

func hexPairs(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		switch {
		case i%3 == 2:
			if s[i] != ':' {
				return false
			}
		case (c < 'a' || c > 'f') && (s[i] < '0' || s[i] > '9'):
			return false
		}
	}
	return true
}
