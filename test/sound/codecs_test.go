package sound

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
	"calla/test/peers"
	"calla/test/tunem"
)

const (
	conversed = 30.0             // seconds of speech each way, of each call
	settled   = 10 * time.Second // of a call until its packets are counted
)

// packets counts what RTP goes over a line, by its payload type: there is from Calla, back from its peer. SRTP leaves
// the header as it is (RFC 3711 section 3.1).
type packets struct {
	mu   sync.Mutex
	seen [2]map[uint8]int
}

// begin forgets what was counted.
func (p *packets) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = [2]map[uint8]int{{}, {}}
}

// watch is told of a packet of IPv4, as it is sent.
func (p *packets) watch(there bool, data []byte, _ int) {
	const udp, header = 17, 8
	if len(data) < 20 || data[0]>>4 != 4 || data[9] != udp || len(data) < int(data[0]&15)*4+header+12 {
		return
	}
	rtp := data[int(data[0]&15)*4+header:]
	if rtp[0]>>6 != 2 || rtp[1] >= 192 && rtp[1] < 224 { // not version 2; RTCP (RFC 5761 section 4)
		return
	}
	way := 1
	if there {
		way = 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen[way] != nil {
		p.seen[way][rtp[1]&0x7f]++
	}
}

// shares is how much of what was sent each way, in percent, has a payload type; less than half of what 20 ms of packet
// time give is 0.
func (p *packets) shares(number uint8, counted time.Duration) (shares [2]float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for way, seen := range p.seen {
		all := 0
		for _, n := range seen {
			all += n
		}
		if all > int(counted.Seconds()*50/2) {
			shares[way] = 100 * float64(seen[number]) / float64(all)
		}
	}
	return shares
}

// talker is who Calla talks with: they speak French.
type talker interface {
	answer(t *testing.T)
	heard(t *testing.T) string // the file of it; the call is over
}

// format is one that a call is to be by, and how it is told from others on the wire.
type format struct {
	name   string
	number uint8 // payload type of Calla's offer
	lost   float64
	prefer []string // of the page
}

func formats() []format {
	return []format{
		{name: "opus", number: 111},
		{name: "opus", number: 63, lost: 0.1, prefer: []string{"red", "opus"}},
		{name: "G722", number: 9},
		{name: "PCMU", number: 0},
		{name: "PCMA", number: 8},
	}
}

func (f format) String() string {
	if f.lost > 0 {
		return fmt.Sprintf("%s with RED, %.0f %% lost both ways", f.name, 100*f.lost)
	}
	return f.name
}

// TestCodecsWithPeers has Calla and a peer speak to each other by each format that both have.
func TestCodecsWithPeers(t *testing.T) {
	measuring(t)
	said, back := speech(t, "English", conversed), speech(t, "French", conversed)
	file, theirs := write(t, said), stereo(t, write(t, back))
	n := peers.StartNetwork(t)
	way := n.Tunnel(t)
	n.Link(1)
	var seen packets
	way.Watch(seen.watch)
	table := Table{
		Title: "Codecs, with peers",
		Text: fmt.Sprintf("%.0f s of speech, an English woman's by Calla and a French one's by a peer, at once: "+
			"JsSIP in Chromium, and baresip behind Kamailio and rtpengine. calla.codecs names the format alone. ESTOI "+
			"of what each heard, every 4 s of it aligned by itself, in the mean; and of the packets after the first "+
			"ten seconds those that are of the format, as they went over the wire from Calla and back.", conversed),
		Head: []string{"peer, format", "ESTOI at Calla", "ESTOI at the peer", "packets of the format"},
	}
	converse := func(peer string, f format, r *room, meet func(t *testing.T) talker) {
		t.Run(fmt.Sprintf("%s, %v", peer, f), func(t *testing.T) {
			with := meet(t)
			heard := filepath.Join(t.TempDir(), "heard.wav")
			near := peers.RunAt(t, n.Near, nil, "call", "far", "--config", r.config(t, "near", f.name),
				"--play", file, "--record", heard, "--duration", fmt.Sprintf("%.0fs", conversed))
			with.answer(t)
			for near.WaitFor("call", patience)["phase"] != "established" {
			}
			line := tunem.Timeline{{Profile: tunem.Profile{Loss: f.lost}}}
			way.Play(7, line, line)
			time.Sleep(settled)
			seen.begin()
			const counted = conversed*time.Second - settled - 5*time.Second
			time.Sleep(counted)
			shares := seen.shares(f.number, counted)
			way.Play(0, nil, nil)
			result, _ := near.Result(patience)
			codec, _ := result["codec"].(string)
			if !strings.EqualFold(codec, f.name) || shares[0] < 95 || shares[1] < 95 {
				t.Errorf("%s, %v of the packets of payload type %d", codec, shares, f.number)
			}
			row := []string{
				fmt.Sprintf("%s, %v", peer, f), fmt.Sprintf("%.3f", scoreInParts(t, back, heard)),
				fmt.Sprintf("%.3f", scoreInParts(t, said, with.heard(t))),
				fmt.Sprintf("%.0f %%, %.0f %%", shares[0], shares[1]),
			}
			t.Log(row)
			table.Rows = append(table.Rows, row)
		})
	}
	web := startRoom(t, n)
	for _, f := range formats() {
		converse("Chromium "+web.chromium.Version, f, web, func(t *testing.T) talker {
			page := web.chromium.Open(t, "far")
			page.Register(web.url, "far", web.domain, web.passwords["far"], nil)
			if f.prefer != nil {
				page.Do("prefer", map[string]any{"codecs": f.prefer})
			}
			page.Do("speak", map[string]any{"pcm": base64.StdEncoding.EncodeToString(octets(back))})
			return speakingPage{page}
		})
	}
	k := peers.StartRTPEngineAt(t, n.Far)
	plain := &room{n: n, url: k.URL, domain: k.Domain, passwords: map[string]string{"near": k.Password}}
	for _, f := range formats() {
		if f.prefer != nil {
			continue // it has no RED
		}
		converse("baresip", f, plain, func(t *testing.T) talker {
			return speakingBaresip{peers.StartBaresipOf(t, n.Far, k, "far", theirs, f.name)}
		})
	}
	record(t, table)
}

// scoreInParts is the ESTOI of a recording whose parts are each aligned by themselves: it says how a format sounds,
// whatever becomes of the delay meanwhile.
func scoreInParts(t *testing.T, pcm []int16, file string) float64 {
	t.Helper()
	heard, err := audio.ReadWAVFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const (
		part   = 4 * audio.SampleRate
		around = audio.SampleRate / 2
	)
	begin := audiotest.Delay(pcm[:20*audio.SampleRate], heard[:min(len(heard), 25*audio.SampleRate)], latest)
	sum, n := 0.0, 0.0
	for at := part; at+2*part <= len(pcm); at += part { // without the beginning and the end of the call
		from := at + begin - around
		if from < 0 || from+part+2*around > len(heard) {
			continue
		}
		said, got := pcm[at:at+part], heard[from:from+part+2*around]
		lag := max(0, audiotest.Delay(said, got, 2*around))
		t.Logf("at %d s: %.0f ms after the first", at/audio.SampleRate, float64(lag-around)/audio.SampleRate*1000)
		sum, n = sum+audiotest.ESTOI(said, got[lag:lag+part]), n+1
	}
	return sum / n
}

// octets are samples in the order of little-endian machines.
func octets(pcm []int16) (data []byte) {
	for _, s := range pcm {
		data = binary.LittleEndian.AppendUint16(data, uint16(s))
	}
	return data
}

// stereo is a file of two channels that are the same.
func stereo(t *testing.T, file string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "stereo.wav")
	double := exec.Command("ffmpeg", "-loglevel", "error", "-i", file, "-ac", "2", out)
	if printed, err := double.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, printed)
	}
	return out
}

// speakingPage is JsSIP.
type speakingPage struct{ page *peers.Page }

func (p speakingPage) answer(t *testing.T) {
	t.Helper()
	p.page.Wait("incoming", patience)
	p.page.Do("answer", map[string]any{"hz": 1000})
	p.page.Wait("confirmed", patience)
}

func (p speakingPage) heard(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.wav")
	p.page.Record(file)
	p.page.Do("stop", nil)
	return file
}

// speakingBaresip is baresip.
type speakingBaresip struct{ b *peers.Baresip }

func (s speakingBaresip) answer(t *testing.T) {
	t.Helper()
	s.b.Wait("CALL_INCOMING", patience)
	s.b.Do("accept", "")
	s.b.Wait("CALL_ESTABLISHED", patience)
}

func (s speakingBaresip) heard(t *testing.T) string {
	t.Helper()
	s.b.Wait("CALL_CLOSED", patience)
	return s.b.Heard()
}
