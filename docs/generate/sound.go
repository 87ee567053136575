package main

import (
	"bytes"
	"os"
	"path/filepath"

	"calla/test/sound"
)

// soundHead stands above the tables.
const soundHead = `# How Calla sounds

Written by ` + "`make docs`" + ` from docs/sound.json, which ` + "`make bench-sound`" + ` writes: do not edit it. ESTOI
(Jensen and Taal, 2016) tells how well speech is understood: 1 is the original; steps of 0.01 are heard. The
speech is real: two women, English and French, of Debian's asterisk-core-sounds. The run writes the sound that is shown
in pictures, before and after, to build/sound.
`

// soundPage is the page of the tables in root's docs/sound.json.
func soundPage(root string) ([]byte, error) {
	tables, err := sound.Read(filepath.Join(root, "docs", "sound.json"))
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	page.WriteString(soundHead)
	err = sound.Page(&page, tables)
	return page.Bytes(), err
}

func writeSoundPage(root string) error {
	page, err := soundPage(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "docs", "sound.md"), page, 0o644)
}
