package safe

import "testing"

// TestWhatObeysBecomesAnEscape: nothing of others moves the cursor, hides or turns text round; what people write stays.
func TestWhatObeysBecomesAnEscape(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain", "Größe 10 €, 電話", "Größe 10 €, 電話"},
		{"lines and tabs", "a\tb\nc", "a\tb\nc"},
		{"escape", "\x1b[2J", `\u001b[2J`},
		{"carriage return", "ok\rNO", `ok\u000dNO`},
		{"C1 control", "\u009b31m", `\u009b31m`},
		{"raw octet", "a\x9bb", `a\x9bb`},
		{"turned round", "\u202egnp.exe", `\u202egnp.exe`},
		{"isolate", "\u2067x\u2069", `\u2067x\u2069`},
		{"nothing to see", "pay\u200bpal", `pay\u200bpal`},
		{"line separator", "a\u2028b", `a\u2028b`},
		{"tag beyond 16 bits", "\U000e0041", `\udb40\udc41`},
		{"joiner of an emoji", "\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"},
		{"private use", "\ue000", `\ue000`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(Visible([]byte("> "), []byte(c.text))); got != "> "+c.want {
				t.Errorf("%q became %q, want %q", c.text, got, "> "+c.want)
			}
		})
	}
}
