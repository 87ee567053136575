package words

// englishWidgets is what of the window is told by name where no word of it is seen, and the state of switches.
const englishWidgets = `
[widget-on]
short on
[widget-off]
short off
[widget-new]
short {count} new
[widget-chosen]
short chosen
[widget-is-off]
short Off
[widget-is-on]
short On
[widget-quality-unknown]
short Quality not known yet
[widget-no-sound]
short No sound arrives
[widget-poor]
short Poor quality
[widget-fair]
short Fair quality
[widget-good]
short Good quality
[widget-very-good]
short Very good quality
`
