package journal

import (
	"database/sql"
	"fmt"
	"testing"
	"time"
)

const benchmarkRows = 100_000

// BenchmarkSearch measures the first page and the page of each key that is typed, in 100,000 calls with 5,000 people.
func BenchmarkSearch(b *testing.B) {
	j, _ := open(b, b.TempDir())
	first := []string{"Anna", "Ben", "Carla", "David", "Eva", "Frank", "Greta", "Hans", "Ida", "Jan"}
	last := []string{"Müller", "Schmidt", "Smith", "Jones", "Rossi", "Novak", "Ivanov", "Silva", "Yilmaz", "Nguyen"}
	for from := 0; from < benchmarkRows; from += 5000 {
		err := j.do(b.Context(), job{do: func(tx *sql.Tx) error {
			for i := from; i < from+5000; i++ {
				who := i * 7919 % 5000
				c := call(fmt.Sprint(first[who%10], " ", last[who/10%10], " ", who), fmt.Sprintf("+4930%07d", who*613),
					noon().Add(time.Duration(i)*time.Minute))
				if i%10 == 0 {
					c.Outcome = Missed
				}
				if i%25 == 0 {
					c.Note = fmt.Sprint("asks for offer ", i)
				}
				c.ID = j.newID(c.Began)
				if err := insertCall(tx, c); err != nil {
					return err
				}
			}
			return nil
		}})
		if err != nil {
			b.Fatal(err)
		}
	}
	for name, q := range map[string]CallQuery{
		"first page": {}, "missed": {Outcome: Missed}, "a page far down": {Before: noon().AddDate(0, 1, 0).UnixMicro()},
		"key A": {Text: "A"}, "key An": {Text: "An"}, "key Anna M": {Text: "Anna M"},
		"key Anna Müller 4": {Text: "Anna Müller 4"}, "missed and A": {Text: "A", Outcome: Missed},
		"nobody": {Text: "zzz"}, "two seldom": {Text: "Ida Yilmaz 17"},
		"key 0": {Text: "0"}, "key 03": {Text: "03"}, "key 030": {Text: "030"},
		"key +49 30":   {Text: "+49 30"},
		"key +49 30 1": {Text: "+49 30 1"}, "key +49 30 12": {Text: "+49 30 12"},
		"key 030 12": {Text: "030 12"}, "end 613": {Text: "613"}, "note": {Text: "offer 5"},
	} {
		b.Run(name, func(b *testing.B) {
			rows := 0
			for b.Loop() {
				page, _, err := j.Calls(b.Context(), q)
				if err != nil {
					b.Fatal(err)
				}
				rows = len(page)
			}
			b.ReportMetric(float64(rows), "rows")
		})
	}
	b.Logf("the file has %d MB", size(j.path())>>20)
	b.Run("suggestions", func(b *testing.B) {
		for b.Loop() {
			if _, err := j.Suggest(b.Context(), "An", 8); err != nil {
				b.Fatal(err)
			}
		}
	})
}
