package words

// englishSettings is what the page of sound and look says.
const englishSettings = `
[look-system]
short System
[look-light]
short Light
[look-dark]
short Dark
[settings-look]
short Look
[settings-title]
short Sound and look
[sound-microphone-level]
short Microphone level
[sound-loudspeaker-level]
short Loudspeaker level
[sound-microphone]
short Microphone
[sound-loudspeaker]
short Loudspeaker
[sound-ringer]
short Ringer
[sound-show-level]
short Show level
[sound-play-tone]
short Play tone
[sound-record]
short Record 3 s and play back
[sound-no-device]
short No device
[sound-recording]
title Recording: say something.
[sound-playing]
title Playing it back.
[sound-good]
title The recording is good. If you did not hear it, choose another loudspeaker.
[latency-measure]
short Measure the delay
[latency-measuring]
title Measuring: you hear tones that rise, for a few seconds.
[sound-none-found]
short None found
[sound-loopback]
short (records what is played)
[sound-not-plugged-in]
short (not plugged in)
[sound-then]
short Where it is not there: {list}
[sound-forget]
short Forget…
[sound-forget-one]
short Forget {text}
[cleaning-title]
short Your voice
[cleaning-echo]
why   On a loudspeaker, those you talk to do not hear themselves. It takes nothing from you.
short Take out echo
[cleaning-of]
title This is for {list}: other devices have choices of their own.
short This is for {list}
[cleaning-echo-free]
why   The system takes the echo out of this microphone already, where its own loudspeaker is chosen too.
short The system takes the echo out
[cleaning-headset]
why   With a headset there is no echo to take out.
short No echo with a headset
[cleaning-noise]
why   Fans, streets and keyboards are heard less.
short Noise around you
[cleaning-noise-off]
short Leave it
[cleaning-noise-moderate]
short Take out some
[cleaning-noise-strong]
short Take out most
[cleaning-gain]
why   Whether you whisper or shout: you are heard equally well.
short Level your loudness
[tones-own]
short Calla's own tone
[tones-none]
short None: calls do not ring
[tones-file]
short A sound file
[tones-ringtone]
short Ringtone
[tones-file-example]
short A WAV, FLAC, MP3 or Ogg file
[tones-sound-file]
short Sound file
[tones-choose]
short Choose…
[tones-title]
short Ringer and tones
[tones-for-all]
short Ringtone of all accounts that have none of their own
[tones-waiting]
short Another call during a call
[tones-ringback]
short It rings at the other side
[tones-busy]
short Busy, or not put through
[tones-message]
short A message has come
[tones-choose-ringtone]
short Choose a ringtone
[tones-hold]
short Music on hold
[tones-hold-for-all]
short What whoever is on hold hears, of all accounts that have no music of their own
[tones-hold-none]
short Nothing
[tones-choose-hold]
short Choose music on hold
[tones-volume]
short Volume: {text}
[tones-play]
short Play: {text}
[links-open]
short Open tel: and sip: links with Calla
[links-at-once]
short Call links at once
[links-not-saved]
title The choice could not be saved.
[links-title]
short Links
[links-explained]
title A tel:, sip: or callto: link that opens Calla fills the number field, and Enter calls.
why Switched on, it is called without Enter.
[links-opened-by]
title {text}: links are opened by {party}.
[text-smaller]
short Smaller text
[text-larger]
short Larger text
[text-size]
short Text size
`
