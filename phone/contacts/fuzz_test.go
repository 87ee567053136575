package contacts

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"calla/netsip/config"
)

func FuzzVCard(f *testing.F) {
	for _, s := range []string{
		"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:A\r\nTEL;TYPE=cell:+49 30 1\r\nEND:VCARD\r\n",
		"BEGIN:VCARD\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=\n=BC;b\n" +
			"TEL;CELL;PREF:1\nAGENT:\nBEGIN:VCARD\nTEL:2\nEND:VCARD\n",
		"BEGIN:VCARD\nitem1.TEL:1\nitem1.X-ABLabel:_$!<Home>!$_\nIMPP:sip:a@b\nNOTE:a\\;b\\n\n " +
			"c\nPHOTO;ENCODING=b:AAAA\n AAAA\n",
		"\xff\xfeB\x00E\x00G\x00I\x00N\x00:\x00V\x00C\x00A\x00R\x00D\x00\n\x00", "BEGIN:VCARD\nTEL;a=\"b:1\nEND:VCARD",
		"BEGIN:VCARD \n0000.TEL;0000:000  0", "BEGIN:VCARD\nTel:0@A",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := NewVCardReader(bytes.NewReader(data), "")
		if err != nil {
			t.Fatal(err)
		}
		readSoundly(t, r, func(c Contact) io.Reader {
			var out bytes.Buffer
			if err := NewVCardWriter(&out, VCard4).Write(c); err != nil {
				t.Fatal(err)
			}
			return &out
		})
	})
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"Name,Number\nBob,+49 30 1\n", "Name;Telefon\r\n\"a\r\nb\";\"1\"\r\n",
		"sep=|\nName|Phone 1 - Value|Phone 1 - Label\na|1 ::: 2|Work",
		"a,100\n\"b,200\nc,300", "\xff\xfea\x00,\x001\x000\x000\x00", "00  0\n", "0\x000\x000\x000\xf6",
		"Vorname\tNachname\tHandy\nA\tB\t'+1\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := NewCSVReader(bytes.NewReader(data), Format{})
		if err != nil {
			return
		}
		readSoundly(t, r, func(c Contact) io.Reader {
			var out bytes.Buffer
			w, err := NewCSVWriter(&out, len(c.Addresses))
			if err == nil {
				err = w.Write(c)
			}
			if err != nil {
				t.Fatal(err)
			}
			return &out
		})
	})
}

// readSoundly holds that what is read can be kept, called, and written and read again.
func readSoundly(t *testing.T, r Reader, write func(Contact) io.Reader) {
	for {
		c, line, err := r.Next()
		if err != nil {
			break
		}
		if line < 1 || c.Name == "" || strings.ContainsAny(c.Name, "\r\n") || len(c.Addresses) == 0 ||
			len(c.Addresses) > mostOfOne {
			t.Fatalf("line %d: %+v", line, c)
		}
		for _, a := range c.Addresses {
			if _, err := config.ParseDialled(a.Text, "example.com"); err != nil || Key(a.Text) == "" {
				t.Fatalf("%q cannot be called: %v", a.Text, err)
			}
		}
		if clean, ok, why := Clean(c); !ok || why != nil || !same(clean, c) {
			t.Fatalf("%+v is kept as %+v: %v", c, clean, why)
		}
		again, err := NewReader(write(c), Format{})
		if err != nil {
			t.Fatalf("%+v is not read again: %v", c, err)
		}
		if back, _, err := again.Next(); err != nil || !same(back, c) {
			t.Fatalf("%+v comes back as %+v: %v", c, back, err)
		}
	}
	if p := r.Unread(); len(p.First) > mostNamed || len(p.First) > p.Total() {
		t.Fatalf("%d problems, %d named", p.Total(), len(p.First))
	}
}
