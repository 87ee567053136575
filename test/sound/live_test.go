package sound

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
	"calla/test/peers"
	"calla/test/tunem"
)

const (
	patience = 30 * time.Second
	spoken   = 60.0 // seconds of speech in each call
	latest   = 8 * audio.SampleRate
	lost     = 0.3 // an ESTOI in pieces of no speech at all
)

// line is a network that sound comes over.
type line struct {
	name    string
	profile tunem.Profile
}

// lines are those that receivers are compared on.
func lines() []line {
	const ms = time.Millisecond
	halfNormal := func(deviation time.Duration) tunem.Profile {
		return tunem.Profile{Jitter: deviation, Spread: tunem.HalfNormal}
	}
	return []line{
		{"clean", tunem.Profile{}},
		{"5 % random loss", tunem.Profile{Loss: 0.05}},
		{"10 % random loss", tunem.Profile{Loss: 0.1}},
		{"20 % random loss", tunem.Profile{Loss: 0.2}},
		{"30 % random loss", tunem.Profile{Loss: 0.3}},
		{"5 % in bursts of 2", tunem.BurstyLoss(0.05, 2)},
		{"10 % in bursts of 2.9", tunem.BurstyLoss(0.1, 2.9)},
		{"30 % in bursts of 4", tunem.BurstyLoss(0.3, 4)},
		{"jitter of 30 ms", halfNormal(30 * ms)},
		{"jitter of 60 ms", halfNormal(60 * ms)},
		{"jitter of 120 ms", halfNormal(120 * ms)},
		{"Moderate", tunem.Profile{
			Delay: 75 * ms, Jitter: 12 * ms, Spread: tunem.Pareto, Loss: 0.05, Reorder: 0.02, Late: 20 * ms,
		}},
		{"International", tunem.Profile{
			Delay: 150 * ms, Jitter: 50 * ms, Spread: tunem.HalfNormal, Enter: 0.028, Leave: 0.25,
		}},
	}
}

// received is how a receiver fared.
type received struct {
	estoi  float64
	pieces float64       // ESTOI of pieces, each aligned by itself
	buffer time.Duration // what packets waited in it, in the mean
	made   float64       // percent of the sound that it made up
}

func (r received) String() string {
	return fmt.Sprintf("%.3f, %.3f, %d ms, %.1f %%", r.estoi, r.pieces, r.buffer.Milliseconds(), r.made)
}

// TestReceivingBesideChromium has Calla send the same speech, over the same network, to JsSIP in Chromium and then to
// Calla. As many networks as there are processors are tried side by side, each with a browser of its own: that leaves
// most of each processor free.
func TestReceivingBesideChromium(t *testing.T) {
	measuring(t)
	pcm := speech(t, "English", spoken)
	file := write(t, pcm)
	rows := make([][]string, len(lines()))
	version := make([]string, len(rows))
	t.Run("network", func(t *testing.T) {
		for i, l := range lines() {
			t.Run(l.name, func(t *testing.T) {
				t.Parallel()
				n := peers.StartNetwork(t)
				way := n.Tunnel(t)
				n.Link(1)
				r := startRoom(t, n)
				r.began = func() { way.Play(uint64(100+i), tunem.Timeline{{Profile: l.profile}}, nil) }
				row := []string{l.name}
				for _, by := range []func(*testing.T, string) (string, received){r.byChromium, r.byCalla} {
					way.Play(0, nil, nil)
					heard, figures := by(t, file)
					way.Play(0, nil, nil)
					figures.estoi, figures.pieces = score(t, pcm, heard)
					row = append(row, figures.String())
				}
				t.Log(row)
				rows[i], version[i] = row, r.chromium.Version
			})
		}
	})
	if t.Failed() {
		return
	}
	record(t, Table{
		Title: "What is received, beside Chromium",
		Text: "One Calla sends a minute of speech with Opus to JsSIP in Chromium and then to another Calla, over " +
			"the same network of the same seed. ESTOI of what is heard, with one alignment for the whole, so that " +
			"each change of the delay counts, and in pieces of 4 s, each aligned by itself; what packets waited in " +
			"the jitter buffer in the mean, and how much of the sound was made up. To be reached: at least " +
			"Chromium's ESTOI, and 10 ms less delay.",
		Head: []string{"network", "Chromium " + version[0], "Calla"},
		Rows: rows,
	})
}

// write makes a WAV file of sound.
func write(t *testing.T, pcm []int16) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sound.wav")
	save(t, file, pcm)
	return file
}

// save writes sound to a WAV file of that name.
func save(t *testing.T, file string, pcm []int16) {
	t.Helper()
	w, err := audio.CreateWAV(file)
	if err == nil {
		err = errors.Join(w.Write(pcm), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// score is the ESTOI of a recording in which speech begins within a few seconds, with one alignment for the whole and
// in pieces of which each has its own.
func score(t *testing.T, pcm []int16, file string) (whole, pieces float64) {
	t.Helper()
	heard, err := audio.ReadWAVFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := audiotest.Delay(pcm[:20*audio.SampleRate], heard[:min(len(heard), 22*audio.SampleRate+latest)], latest)
	if d < 0 {
		pcm, d = pcm[-d:], 0
	}
	const end = 2 * audio.SampleRate // in which the call is ended
	n := min(len(pcm), len(heard)-d) - end
	if n <= 0 {
		return math.NaN(), math.NaN()
	}
	whole, pieces = audiotest.ESTOI(pcm[:n], heard[d:d+n]), inPieces(pcm[:n], heard, d)
	if pieces < lost {
		t.Errorf("the speech is not in %.1f s of sound: ESTOI %.3f where it would be, after %.1f s",
			float64(len(heard))/audio.SampleRate, pieces, float64(d)/audio.SampleRate)
	}
	return whole, pieces
}

// room is a server, one who calls over the line, and those who are called at the other end.
type room struct {
	n         *peers.Network
	url       string
	domain    string
	passwords map[string]string
	chromium  *peers.Chromium
	began     func() // makes the line as bad as it is to be, once the call is up
}

func startRoom(t *testing.T, n *peers.Network) *room {
	t.Helper()
	server := peers.RunAt(t, n.Far, nil, "sandbox", "--listen", peers.FarAddress+":5443", "--user", "near,page,far",
		"--any-origin")
	r := roomOf(server.WaitFor("listening", patience))
	r.n = n
	r.chromium = peers.StartChromiumAt(t, n.Far, "jssip")
	return r
}

// roomOf is one with the server that has told of itself.
func roomOf(told map[string]any) *room {
	r := &room{passwords: map[string]string{}, url: told["url"].(string), domain: told["domain"].(string)}
	for _, u := range told["users"].([]any) {
		u := u.(map[string]any)
		r.passwords[u["name"].(string)] = u["password"].(string)
	}
	return r
}

// config is a file of a user's account, who has all formats or those named.
func (r *room) config(t *testing.T, user string, codecs ...string) string {
	t.Helper()
	values := map[string]any{
		"uri": "sip:" + user + "@" + r.domain, "password": r.passwords[user], "ws_servers": r.url,
		"stun_servers": []string{},
	}
	if len(codecs) > 0 {
		values["calla"] = map[string]any{"codecs": codecs}
	}
	data, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), user+".json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// calls has near call somebody and speak.
func (r *room) calls(t *testing.T, whom, file string) *peers.Calla {
	t.Helper()
	return peers.RunAt(t, r.n.Near, nil, "call", whom, "--config", r.config(t, "near"), "--codec", "opus",
		"--play", file, "--duration", fmt.Sprintf("%.0fs", spoken))
}

func (r *room) byChromium(t *testing.T, file string) (string, received) {
	t.Helper()
	page := r.chromium.Open(t, "page")
	page.Register(r.url, "page", r.domain, r.passwords["page"], nil)
	near := r.calls(t, "page", file)
	page.Wait("incoming", patience)
	page.Do("answer", map[string]any{"hz": 1000})
	page.Wait("confirmed", patience)
	r.began()
	time.Sleep(time.Duration(spoken-3) * time.Second)
	var s struct{ Waited, Emitted, Concealed, Samples float64 }
	if err := json.Unmarshal(page.Do("stats", nil), &s); err != nil {
		t.Fatal(err)
	}
	heard := filepath.Join(t.TempDir(), "page.wav")
	near.Result(patience)
	page.Record(heard)
	page.Do("stop", nil)
	return heard, received{
		buffer: time.Duration(s.Waited / s.Emitted * float64(time.Second)), made: 100 * s.Concealed / s.Samples,
	}
}

func (r *room) byCalla(t *testing.T, file string) (string, received) {
	t.Helper()
	heard := filepath.Join(t.TempDir(), "far.wav")
	far := peers.RunAt(t, r.n.Far, nil, "answer", "--config", r.config(t, "far"), "--codec", "opus", "--tone", "1000",
		"--record", heard)
	for far.WaitFor("account", patience)["status"] != "registered" {
	}
	near := r.calls(t, "far", file)
	for far.WaitFor("call", patience)["phase"] != "established" {
	}
	r.began()
	near.Result(time.Duration(spoken)*time.Second + patience)
	result, _ := far.Result(patience)
	figure := func(name string) float64 { f, _ := result[name].(float64); return f }
	return heard, received{
		buffer: time.Duration(figure("buffer_wait_ms") * float64(time.Millisecond)), made: figure("concealed_percent"),
	}
}
