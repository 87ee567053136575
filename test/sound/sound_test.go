package sound

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/audio"
	"calla/test/peers"
)

// voices are two speakers, a woman of English and one of French, by Debian's names of their recordings. What was
// recorded has nothing above 8 kHz.
func voices() map[string]string {
	return map[string]string{
		"English": "/usr/share/asterisk/sounds/en_US_f_Allison/demo-instruct.g722",
		"French":  "/usr/share/asterisk/sounds/fr_CA_f_June/demo-instruct.g722",
	}
}

// measuring skips a measurement where none is wanted.
func measuring(t *testing.T) {
	t.Helper()
	if os.Getenv("CALLA_BENCH") == "" {
		t.Skip("for make bench-sound")
	}
}

// speech is so many seconds of a voice, mono at audio.SampleRate, begun again where it is too short.
func speech(t *testing.T, voice string, seconds float64) []int16 {
	t.Helper()
	recording := voices()[voice]
	if _, err := os.Stat(recording); err != nil {
		peers.Missing(t, "real speech: "+err.Error())
	}
	peers.Need(t, "ffmpeg")
	file := filepath.Join(t.TempDir(), "speech.wav")
	decode := exec.Command("ffmpeg", "-loglevel", "error", "-f", "g722", "-i", recording, "-ac", "1", "-ar", "48000",
		file)
	if out, err := decode.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, out)
	}
	pcm, err := audio.ReadWAVFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n := int(seconds * audio.SampleRate)
	return slices.Repeat(pcm, n/len(pcm)+1)[:n]
}

// record prints a table and puts it into docs/sound.json.
func record(t *testing.T, table Table) {
	t.Helper()
	root := peers.Root(t)
	commit := exec.Command("git", "rev-parse", "--short=10", "HEAD")
	commit.Dir = root
	out, _ := commit.Output() // "" where there is no git
	table.Date = time.Now().UTC().Format(time.DateOnly)
	table.Commit = strings.TrimSpace(string(out))
	table.Machine = fmt.Sprintf("%d cores, %s %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	if err := Put(filepath.Join(root, "docs", "sound.json"), table); err != nil {
		t.Error(err)
	}
	var b strings.Builder
	if err := Page(&b, []Table{table}); err != nil {
		t.Error(err)
	}
	fmt.Print(b.String())
}

func TestATableTakesThePlaceOfTheOneBefore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sound.json")
	for _, table := range []Table{
		{Title: "Loss", Head: []string{"a", "b"}, Rows: [][]string{{"1", "2"}}},
		{Title: "Echo", Head: []string{"a"}, Rows: [][]string{{"x|y"}}},
		{Title: "Loss", Head: []string{"a", "b"}, Rows: [][]string{{"3", "4"}}},
	} {
		if err := Put(file, table); err != nil {
			t.Fatal(err)
		}
	}
	tables, err := Read(file)
	if err != nil || len(tables) != 2 || tables[0].Title != "Echo" || tables[1].Rows[0][0] != "3" {
		t.Fatalf("%v: %v", err, tables)
	}
	var b strings.Builder
	if err := Page(&b, tables); err != nil || !strings.Contains(b.String(), `| x\|y |`) {
		t.Errorf("%v: %s", err, b.String())
	}
}
