package rtc

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"calla/netsip"
)

// Limits of what is read from a far end's description; more is ignored or refused.
const (
	maxDescription = 256 << 10 // bytes
	maxMediaLines  = 32
	maxFormats     = 64
	maxCandidates  = 200
)

// description is what a far end's SDP says of the one audio stream we use, and of how many other
// streams an answer has to refuse.
type description struct {
	media      []mediaLine // every m= line, in order
	audio      int         // index of the one in use
	mid        string
	bundled    bool // the mid is in a BUNDLE group
	rtcpMux    bool
	rtcpApart  bool      // it names a port for RTCP beside that of RTP
	direction  Direction // as the far end sees it
	held       bool      // by the far end
	formats    []Codec   // audio and telephone-event, in the far end's order
	wishes     Wishes    // of all formats
	odd        string    // an attribute that wishes what nobody can, and was ignored; "" for none
	ufrag, pwd string
	// fingerprints are of the certificates one of which it will show, "sha-256 AB:CD:…", in order of text.
	fingerprints []string
	tlsID        string // "" for none (RFC 8842 section 4)
	setup        string // "active", "passive", "actpass" or "" for none
	lite         bool   // ICE-lite (RFC 8445 section 2.5)
	candidates   []candidate
}

// candidate is an ICE candidate of component 1 over UDP (RFC 8839 section 5.1).
type candidate struct {
	foundation  string
	priority    uint32
	address     netip.AddrPort
	kind        string // host, srflx, prflx, relay
	related     netip.AddrPort
	hideRelated bool
}

func unusable(fault netsip.MediaFault, reason string) error {
	return &netsip.MediaError{Fault: fault, StatusCode: 488, Reason: reason}
}

func notSDP(reason string) error {
	return &netsip.MediaError{Fault: netsip.MediaFaultNotSDP, StatusCode: 400, Reason: reason}
}

// readDescription reads an offer or answer. It takes time linear in the size. Of its audio lines it takes the first, in
// the order given, that can be used and suits. The error is a *netsip.MediaError: 400 for what is not SDP, 488 for SDP
// that holds no audio we could use, which tells what the first lacks.
func readDescription(
	body []byte, order func([]mediaLine) []int, suits func(*description) error,
) (*description, error) {
	if len(body) > maxDescription {
		return nil, unusable(netsip.MediaFaultTooLarge, "session description of more than 256 kB")
	}
	session, media, err := splitDescription(string(body))
	if err != nil {
		return nil, err
	}
	err = unusable(netsip.MediaFaultNoAudio, "no audio in the session description")
	for n, i := range order(media) {
		d, lacks := readAudio(session, media, i)
		if lacks == nil {
			lacks = suits(d)
		}
		if lacks == nil {
			return d, nil
		}
		if n == 0 || isFault(err, netsip.MediaFaultAudioRefused) {
			err = lacks
		}
	}
	return nil, err
}

// readAudio reads what a description says of one of its audio lines.
func readAudio(session []string, media []mediaLine, audio int) (*description, error) {
	if err := media[audio].usable(); err != nil {
		return nil, err
	}
	d := &description{media: media, audio: audio, held: holds(session, media)}
	if d.readGroup(session); media[audio].port == 0 && !d.bundled {
		return nil, unusable(netsip.MediaFaultAudioRefused, "audio is refused")
	}
	var stated bool
	if d.direction, stated = directionIn(media[audio].lines); !stated {
		d.direction, _ = directionIn(session) // the default of all media (RFC 8866 section 6.7)
	}
	d.lite = has(session, "ice-lite") || has(media[audio].lines, "ice-lite")
	// Where the session description leaves a transport attribute out of the audio section, it
	// stands in the section the BUNDLE group is tagged by, or at session level (RFC 9143
	// section 7.1.3, RFC 8866 section 5.13).
	levels := [][]string{media[audio].lines}
	if i := d.bundleTag(session); i >= 0 {
		levels = append(levels, media[i].lines)
	}
	levels = append(levels, session)
	if err := d.readTransport(levels); err != nil {
		return nil, err
	}
	d.readRTCP(levels)
	d.readFormats(media[audio])
	d.readPacketTimes(media[audio].lines, session)
	d.wishes.Metrics = wantsMetrics(media[audio].lines) || wantsMetrics(session)
	return d, nil
}

func isFault(err error, fault netsip.MediaFault) bool {
	var refusal *netsip.MediaError
	return errors.As(err, &refusal) && refusal.Fault == fault
}

// splitDescription parts the lines into those of the session and those of each m= line. Lines may end in LF alone, and
// have blanks around them and what is left of a C string behind them; blank ones are skipped.
func splitDescription(text string) (session []string, media []mediaLine, err error) {
	first := true
	for line := range strings.Lines(text) {
		line = strings.Trim(line, "\r\n \t\x00")
		switch {
		case line == "":
			continue
		case first && line != "v=0":
			return nil, nil, notSDP("body is not a session description: it does not begin with v=0")
		case len(line) < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z':
			return nil, nil, notSDP("line of the session description without a type")
		}
		first = false
		if line[0] == 'm' {
			if len(media) == maxMediaLines {
				return nil, nil, unusable(netsip.MediaFaultTooLarge, "session description of more than 32 media")
			}
			m, err := readMediaLine(line[2:])
			if err != nil {
				return nil, nil, err
			}
			media = append(media, m)
			continue
		}
		if strings.IndexFunc(line, func(r rune) bool { return r < ' ' && r != '\t' }) >= 0 {
			continue // a control character is in no attribute we know
		}
		if len(media) == 0 {
			session = append(session, line)
		} else {
			m := &media[len(media)-1]
			m.lines = append(m.lines, line)
		}
	}
	if first {
		return nil, nil, notSDP("empty session description")
	}
	return session, media, nil
}

// readMediaLine reads "audio 49170 RTP/AVP 0 8" (RFC 8866 section 5.14).
func readMediaLine(value string) (mediaLine, error) {
	fields := strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == '\t' })
	if len(fields) < 4 {
		return mediaLine{}, notSDP("m= line with fewer than four fields")
	}
	for _, f := range fields[:4] {
		if strings.IndexFunc(f, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
			return mediaLine{}, notSDP("m= line with a character that is not ASCII")
		}
	}
	text, _, _ := strings.Cut(fields[1], "/")
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return mediaLine{}, notSDP("m= line with an impossible port")
	}
	return mediaLine{media: fields[0], port: int(port), proto: fields[2], formats: fields[3:]}, nil
}

func (d *description) readGroup(session []string) {
	d.mid, _ = attribute(d.media[d.audio].lines, "mid")
	if strings.ContainsAny(d.mid, " \t") || len(d.mid) > 64 {
		d.mid = ""
	}
	for _, group := range attributes(session, "group") {
		fields := strings.Fields(group)
		if len(fields) > 1 && fields[0] == "BUNDLE" && d.mid != "" && slices.Contains(fields[1:], d.mid) {
			d.bundled = true
		}
	}
}

// bundleTag returns the index of the section that tags the BUNDLE group the audio is in, or -1.
func (d *description) bundleTag(session []string) int {
	if !d.bundled {
		return -1
	}
	for _, group := range attributes(session, "group") {
		fields := strings.Fields(group)
		if len(fields) < 2 || fields[0] != "BUNDLE" || !slices.Contains(fields[1:], d.mid) {
			continue
		}
		return slices.IndexFunc(d.media, func(m mediaLine) bool {
			mid, ok := attribute(m.lines, "mid")
			return ok && mid == fields[1]
		})
	}
	return -1
}

// readTransport reads what ICE and DTLS need, each attribute from the first level that has it.
func (d *description) readTransport(levels [][]string) error {
	find := func(name string) string {
		for _, lines := range levels {
			if v, ok := attribute(lines, name); ok {
				return v
			}
		}
		return ""
	}
	weak := false
	for _, lines := range levels {
		weak = weak || has(lines, "fingerprint")
		if d.fingerprints = readFingerprints(attributes(lines, "fingerprint")); d.fingerprints != nil {
			break
		}
	}
	if d.fingerprints == nil {
		fault := netsip.MediaFaultNotEncrypted
		if weak {
			fault = netsip.MediaFaultWeakFingerprint
		}
		return unusable(fault, "media is not encrypted with DTLS-SRTP: no fingerprint")
	}
	d.ufrag, d.pwd, d.tlsID = find("ice-ufrag"), find("ice-pwd"), find("tls-id")
	if !iceText(d.ufrag, 4) || !iceText(d.pwd, 22) {
		return unusable(netsip.MediaFaultNoICE, "no ICE credentials for the audio")
	}
	switch d.setup = strings.ToLower(find("setup")); d.setup { // in ABNF, "active" is of any case
	case active, passive, actpass, "":
	default:
		return unusable(netsip.MediaFaultDTLSRole, "DTLS role is none of active, passive and actpass")
	}
	for _, lines := range levels {
		for _, line := range lines {
			value, ok := strings.CutPrefix(line, "a=candidate:")
			if !ok {
				continue
			}
			if c, ok := readCandidate(value); ok {
				d.candidates = append(d.candidates, c)
			}
			if len(d.candidates) == maxCandidates {
				return nil
			}
		}
		if len(d.candidates) > 0 {
			break
		}
	}
	return nil
}

// iceText tells whether s is ICE text of at least n characters (RFC 8839 section 5.4).
func iceText(s string, n int) bool {
	if len(s) < n || len(s) > 256 {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '+' && r != '/' &&
			r != '-' && r != '_' && r != '=' // the last three are FreeSWITCH's and Janus's liberties
	}) < 0
}

// readCandidate reads the value of a=candidate, whose words are of any case (RFC 5234 section 2.3). Candidates of other
// components, over TCP, with a name instead of an address or of an unknown type are not used.
func readCandidate(value string) (candidate, bool) {
	f := strings.Fields(value)
	if len(f) < 8 || strings.TrimLeft(f[1], "0") != "1" || !strings.EqualFold(f[2], "udp") ||
		!strings.EqualFold(f[6], "typ") {
		return candidate{}, false
	}
	priority, err := strconv.ParseUint(f[3], 10, 32)
	if err != nil {
		return candidate{}, false
	}
	address, err := readAddress(f[4], f[5])
	if err != nil {
		return candidate{}, false
	}
	c := candidate{
		foundation: readFoundation(f[0]), priority: uint32(priority), address: address, kind: strings.ToLower(f[7]),
	}
	switch c.kind {
	case "host":
		return c, true
	case "srflx", "prflx", "relay":
	default:
		return candidate{}, false
	}
	if len(f) >= 12 && strings.EqualFold(f[8], "raddr") && strings.EqualFold(f[10], "rport") {
		if ip, err := netip.ParseAddr(f[9]); err == nil && ip.Zone() == "" {
			port, _ := strconv.ParseUint(f[11], 10, 16)
			c.related = netip.AddrPortFrom(ip.Unmap(), uint16(port))
		}
	}
	return c, true
}

// readFoundation reads the foundation of a candidate, which says what is checked before what and nothing else: one too
// long, or of other characters than ICE has (RFC 8839 section 5.1), does not cost the candidate.
func readFoundation(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && iceText(string(r), 1) && !strings.ContainsRune("-_=", r) {
			return r
		}
		return '/'
	}, s[:min(len(s), 32)])
}

func readAddress(host, service string) (netip.AddrPort, error) {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	ip = ip.Unmap()
	port, err := strconv.ParseUint(service, 10, 16)
	switch {
	case err != nil:
		return netip.AddrPort{}, err
	case port == 0, ip.Zone() != "", ip.IsUnspecified(), ip.IsMulticast(),
		ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return netip.AddrPort{}, errors.New("not an address of one host")
	}
	return netip.AddrPortFrom(ip, uint16(port)), nil
}

// readFormats reads the payload types of the audio line with their rtpmap and fmtp.
func (d *description) readFormats(m mediaLine) {
	maps, params := map[uint8]string{}, map[uint8]string{}
	for _, line := range m.lines {
		into := maps
		value, ok := strings.CutPrefix(line, "a=rtpmap:")
		if !ok {
			into = params
			if value, ok = strings.CutPrefix(line, "a=fmtp:"); !ok {
				continue
			}
		}
		text, rest := strings.TrimLeft(value, " \t"), ""
		if i := strings.IndexAny(text, " \t"); i >= 0 {
			text, rest = text[:i], strings.TrimSpace(text[i:])
		}
		if pt, ok := payloadType(text); ok && into[pt] == "" && len(rest) <= 1024 {
			into[pt] = rest
		}
	}
	var seen [128]bool
	for _, text := range m.formats {
		pt, ok := payloadType(text)
		if !ok || seen[pt] {
			continue
		}
		seen[pt] = true
		c, ok := readRTPMap(maps[pt])
		if !ok {
			if c, ok = staticFormat(pt); !ok || maps[pt] != "" {
				continue
			}
		}
		c.PayloadType, c.Fmtp = pt, params[pt]
		if d.formats = append(d.formats, c); len(d.formats) == maxFormats {
			return
		}
	}
}

// payloadType reads an RTP payload type. 64 to 95 cannot be told from RTCP on the same port (RFC
// 5761 section 4).
func payloadType(text string) (uint8, bool) {
	n, err := strconv.ParseUint(text, 10, 8)
	return uint8(n), err == nil && n < 128 && (n < 64 || n > 95)
}

// readRTPMap reads "opus/48000/2".
func readRTPMap(value string) (Codec, bool) {
	parts := strings.Split(strings.TrimSuffix(value, "/"), "/")
	if len(parts) < 2 || parts[0] == "" || len(parts[0]) > 64 || len(parts) > 3 {
		return Codec{}, false
	}
	clock, err := strconv.ParseUint(parts[1], 10, 32)
	if err != nil || clock == 0 {
		return Codec{}, false
	}
	c := Codec{Name: parts[0], ClockRate: uint32(clock)}
	if len(parts) == 3 {
		channels, err := strconv.ParseUint(parts[2], 10, 8)
		if err != nil {
			return Codec{}, false
		}
		c.Channels = uint16(channels)
	}
	return c, true
}

// staticFormat returns the format that a payload type has without rtpmap (RFC 3551 section 6).
func staticFormat(pt uint8) (Codec, bool) {
	switch pt {
	case 0:
		return Codec{Name: "PCMU", ClockRate: 8000}, true
	case 8:
		return Codec{Name: "PCMA", ClockRate: 8000}, true
	case 9:
		return Codec{Name: "G722", ClockRate: 8000}, true
	case comfortType:
		return Codec{Name: ComfortNoise, ClockRate: 8000}, true
	}
	return Codec{}, false
}

// attribute returns the value of the first a= line of that name; "" for one without a value.
func attribute(lines []string, name string) (string, bool) {
	for _, line := range lines {
		if value, ok := valueOf(line, name); ok {
			return value, true
		}
	}
	return "", false
}

func attributes(lines []string, name string) []string {
	var all []string
	for _, line := range lines {
		if value, ok := valueOf(line, name); ok {
			all = append(all, value)
		}
	}
	return all
}

func has(lines []string, name string) bool {
	_, ok := attribute(lines, name)
	return ok
}

func valueOf(line, name string) (string, bool) {
	rest, ok := strings.CutPrefix(line, "a=")
	if !ok {
		return "", false
	}
	if rest, ok = strings.CutPrefix(rest, name); !ok {
		return "", false
	}
	if rest == "" {
		return "", true
	}
	value, ok := strings.CutPrefix(rest, ":")
	return strings.TrimSpace(value), ok
}
