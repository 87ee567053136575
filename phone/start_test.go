package phone

import (
	"testing"

	"calla/audio/audiotest"
)

// TestAPhoneStartsHoweverSoonItsJournalIsThere: what the journal tells first may come before anything else.
func TestAPhoneStartsHoweverSoonItsJournalIsThere(t *testing.T) {
	dir := t.TempDir()
	for range 100 {
		p, err := New(Options{Host: audiotest.NewHost(), Version: "test", Journal: dir})
		if err != nil {
			t.Fatal(err)
		}
		told := make(chan struct{}, 1)
		stop := p.Subscribe(func(State) {
			select {
			case told <- struct{}{}:
			default:
			}
		})
		<-told
		stop()
		p.Close()
	}
}
