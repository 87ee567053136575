package contacts

import (
	"bytes"
	"io"
	"unicode/utf8"

	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// codePages are those that files of contacts come in where they are not in Unicode, by their names in the WHATWG's
// list. The first is what such a file is read in unless somebody says otherwise.
func codePages() []codePage {
	return []codePage{
		{"", cause.CodePageWestern},
		{"windows-1250", cause.CodePageCentral},
		{"windows-1257", cause.CodePageBaltic},
		{"windows-1251", cause.CodePageCyrillic},
		{"ibm866", cause.CodePageCyrillicDOS},
		{"windows-1253", cause.CodePageGreek},
		{"windows-1254", cause.CodePageTurkish},
		{"windows-1255", cause.CodePageHebrew},
		{"windows-1256", cause.CodePageArabic},
		{"windows-874", cause.CodePageThai},
		{"windows-1258", cause.CodePageVietnamese},
		{"shift_jis", cause.CodePageJapanese},
		{"gb18030", cause.CodePageChinese},
		{"big5", cause.CodePageBig5},
		{"euc-kr", cause.CodePageKorean},
	}
}

// codePage is one of them, and which letters it has.
type codePage struct {
	name string
	kind cause.Kind
}

// askCodePage asks in which code page the file is, above what was read in the one that is set.
func (p *Import) askCodePage() {
	if p.pages == nil {
		var names []string
		for _, c := range codePages() {
			names = append(names, tell.Word(c.kind))
		}
		p.pages = widget.NewSelect(names, 0, "", p.readAs)
		p.pages.Name = tell.Word(cause.CodePageAsked)
	}
	p.head.Add(layout.Column(4, widget.NewParagraph(tell.Word(cause.CodePageAsked)).Color(widget.ColorMuted).Sized(13),
		p.pages))
}

// readAs reads the file once more, in another code page.
func (p *Import) readAs(i int) {
	if p.busy {
		return
	}
	p.cancel()
	p.preview, p.order, p.codePage = nil, nil, codePages()[i].name
	p.doIt.Disable()
	p.turn(0)
	p.read()
}

// isOfCodePage tells whether a file is neither in UTF-8 nor in UTF-16: nobody can know for sure what it says.
func isOfCodePage(r io.Reader) (bool, error) {
	buf := make([]byte, 64<<10)
	for kept := 0; ; {
		n, err := io.ReadFull(r, buf[kept:])
		text := buf[:kept+n]
		if bytes.IndexByte(text, 0) >= 0 {
			return false, nil // as of UTF-16
		}
		for len(text) > 0 {
			c, size := utf8.DecodeRune(text)
			if c == utf8.RuneError && size == 1 {
				if err == nil && !utf8.FullRune(text) {
					break
				}
				return true, nil
			}
			text = text[size:]
		}
		kept = copy(buf, text)
		switch {
		case err == io.EOF, err == io.ErrUnexpectedEOF:
			return false, nil
		case err != nil:
			return false, err
		}
	}
}
