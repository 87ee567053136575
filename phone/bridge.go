package phone

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"calla/audio"
	"calla/netsip/rtc"
)

// bridge joins the media of one call with sound:
//
//	Capture or Speak, music on hold ─▶ audio.Sender ─▶ WriteAudio
//	ReadAudio ─▶ audio.Receiver ─▶ the speaker's Playout, Heard
//
// Its methods may be called from any goroutine.
type bridge struct {
	media    mediaSession
	codecs   []audio.Codec
	dtx      bool // pauses are left out where the far end does not mind
	log      *slog.Logger
	sender   *audio.Sender
	sent     sentFormat // of the loop once the bridge is made
	receiver *audio.Receiver
	music    string      // file that is to be heard on hold, "" = none; of the loop
	plays    bool        // it is, or would be if the far end wanted to hear; of the loop
	shut     atomic.Bool // what comes is dropped
	hearing  atomic.Pointer[hearing]
	last     atomic.Int64 // when the last packet came, Unix nanoseconds; 0 = none yet
	first    atomic.Int64 // when the first packet came, Unix nanoseconds; 0 = none yet
	patience atomic.Int64 // how long nothing may come after the last packet, nanoseconds
	done     chan struct{}
}

// newBridge starts to receive, and to send once resume is called. send is the codec agreed on; with dtx pauses are left
// out where the far end does not mind.
func newBridge(media mediaSession, send rtc.Codec, codecs []audio.Codec, dtx, muted bool, heard []audio.Sink,
	log *slog.Logger,
) (*bridge, error) {
	codec, ok := codecNamed(codecs, send.Name)
	if !ok {
		return nil, fmt.Errorf("start sound: no codec %s", send.Name)
	}
	b := &bridge{media: media, codecs: codecs, dtx: dtx, log: log, done: make(chan struct{})}
	b.sent = formatFor(codec, media.Wishes(), dtx)
	var err error
	if b.receiver, err = audio.NewReceiver(audio.ReceiverConfig{Codec: codec, Log: log}); err != nil {
		return nil, fmt.Errorf("start sound: %w", err)
	}
	b.receiver.SetSinks(heard...)
	b.sender, err = audio.NewSender(audio.SenderConfig{
		Format: b.sent.of(codec), Send: media.WriteAudio, SendPause: media.WritePause, Muted: muted, Paused: true,
		Log: log,
	})
	if err != nil {
		b.receiver.Close()
		return nil, fmt.Errorf("start sound: %w", err)
	}
	b.follow(0, false)
	go b.receive(send.PayloadType, codec)
	return b, nil
}

// receive pushes what comes from the network until the media is closed.
func (b *bridge) receive(payloadType uint8, codec audio.Codec) {
	defer close(b.done)
	var p rtc.Packet
	var quiet silence
	unknown := -1 // payload type that was complained of
	for b.media.ReadAudio(&p) == nil {
		noise := false
		if p.PayloadType != payloadType {
			c, ok := b.media.ReceiveCodec(p.PayloadType)
			if noise = ok && c.Name == rtc.ComfortNoise; noise {
				if c.ClockRate != uint32(codec.ClockRate()) {
					continue // it belongs to another format
				}
				c = rtc.Codec{Name: codec.Name()}
			}
			next, known := codecNamed(b.codecs, c.Name)
			if !ok || !known {
				if unknown != int(p.PayloadType) {
					unknown = int(p.PayloadType)
					b.log.Warn("sound of an unknown format dropped", "payload_type", p.PayloadType)
				}
				continue
			}
			if next.Name() != codec.Name() {
				if err := b.receiver.SetCodec(next); err != nil {
					b.log.Warn("sound cannot be decoded", "error", err)
					continue
				}
			}
			if !noise {
				payloadType, codec = p.PayloadType, next
			}
		}
		if b.first.Load() == 0 {
			b.first.Store(p.Arrival.UnixNano())
		}
		if !p.Again {
			b.patience.Store(int64(quiet.after(&p, noise, codec.ClockRate())))
		}
		b.last.Store(p.Arrival.UnixNano())
		if b.shut.Load() {
			continue
		}
		b.receiver.Push(audio.Packet{
			SSRC: p.SSRC, Sequence: p.SequenceNumber, Timestamp: p.Timestamp, Payload: p.Payload, Arrival: p.Arrival,
			Again: p.Again, Noise: noise,
		})
	}
}

// use sends with the codec now agreed on, as the far end now wishes.
func (b *bridge) use(send rtc.Codec) error {
	codec, ok := codecNamed(b.codecs, send.Name)
	if !ok {
		return fmt.Errorf("change codec: no codec %s", send.Name)
	}
	now := formatFor(codec, b.media.Wishes(), b.dtx)
	if now == b.sent {
		return nil
	}
	b.sent = now
	return b.sender.SetFormat(now.of(codec))
}

// follow has the encoder do what the loss that the far end reports, in percent, asks for, and what it wishes.
func (b *bridge) follow(loss float64, again bool) {
	w := b.media.Wishes()
	b.sender.Follow(audio.Channel{Loss: loss, Again: again, NoRepair: w.NoRepair, MostRate: w.MostRate})
}

// sentFormat is what tells one audio.Format from another.
type sentFormat struct {
	codec  string
	packet time.Duration
	pauses audio.Pauses
}

func formatFor(codec audio.Codec, w rtc.Wishes, dtx bool) sentFormat {
	f := sentFormat{codec: codec.Name(), packet: audio.PacketTime(codec, w.Packet, w.LeastPacket, w.MostPacket)}
	switch {
	case w.Comfort:
		f.pauses = audio.PausesTold
	case w.LeavePauses, dtx && !w.SendPauses && codec.Name() == "opus":
		f.pauses = audio.PausesLeft
	}
	return f
}

func (f sentFormat) of(codec audio.Codec) audio.Format {
	return audio.Format{Codec: codec, Packet: f.packet, Pauses: f.pauses}
}

// setOpen says whether what comes is to be heard: not while the call is held. Where that or the direction changes, what
// comes next follows nothing that was missed.
func (b *bridge) setOpen(on bool, d rtc.Direction) {
	now := hearing{on, d}
	before := b.hearing.Swap(&now)
	b.shut.Store(!on)
	if before != nil && *before != now {
		b.receiver.Break()
	}
}

// hearing is whether the far end is heard, and which way sound may flow.
type hearing struct {
	open      bool
	direction rtc.Direction
}

// firstPacket is when the first packet came; zero if none has.
func (b *bridge) firstPacket() time.Time {
	if n := b.first.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}

// lastPacket is when the last packet came; zero if none has.
func (b *bridge) lastPacket() time.Time {
	if n := b.last.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}

// silent tells whether nothing has come for longer than the far end may say nothing.
func (b *bridge) silent() bool {
	return time.Since(b.lastPacket()) >= max(unheardTime, time.Duration(b.patience.Load()))
}

// leavesPauses tells whether the far end is known to send nothing in pauses.
func (b *bridge) leavesPauses() bool { return b.patience.Load() > int64(unheardTime) }

// close ends the bridge; the media has been closed before, or receive would not end. It blocks
// for the packet that is being sent or received.
func (b *bridge) close() {
	b.sender.Close()
	<-b.done
	b.receiver.Close()
}

// meters are the levels of a call that has sound.
type meters struct {
	sender   *audio.Sender
	receiver *audio.Receiver
}

// floor is the level that is told for silence, in dBFS.
const floor = -120.0

// shownLevel is a level for a meter: silence is floor.
func shownLevel(dbfs float64) float64 {
	if dbfs <= audio.Silence {
		return floor
	}
	return dbfs
}

// Levels returns how loud a call's microphone and far end are, in dBFS; -120 is silence. It is cheap
// and may be polled.
func (p *Phone) Levels(callID string) (mic, far float64) {
	all := p.meters.Load()
	if all == nil {
		return floor, floor
	}
	m, ok := (*all)[callID]
	if !ok {
		return floor, floor
	}
	return shownLevel(m.sender.Level().RMS), shownLevel(m.receiver.Level().RMS)
}
