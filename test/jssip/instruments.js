// The sound of a page: a tone generator for a microphone, and instruments on what is heard. Both pages have it.

const pause = (ms) => new Promise((r) => setTimeout(r, ms));

// instruments gives peer what listens, and returns what makes a microphone and what plays the far end.
module.exports = function instruments(peer, tell) {
  // microphone returns a MediaStream that carries a sine of hz, or what speak or live has put in its place.
  function microphone(hz) {
    peer.hz = hz;
    if (peer.live) return peer.live;
    peer.ctx = peer.ctx || new AudioContext({ sampleRate: 48000 });
    peer.gain = peer.ctx.createGain();
    const out = peer.ctx.createMediaStreamDestination();
    let source;
    if (peer.speech) {
      source = peer.ctx.createBufferSource();
      source.buffer = peer.speech;
    } else {
      source = peer.ctx.createOscillator();
      source.frequency.value = hz || 440;
      peer.gain.gain.value = hz ? 0.4 : 0;
    }
    source.connect(peer.gain).connect(out);
    source.start();
    return out.stream;
  }

  // speak puts a sound in the place of the sine: 16-bit PCM at 48 kHz in base64. It begins when a call is made or
  // answered.
  peer.speak = ({ pcm }) => {
    const raw = atob(pcm), n = raw.length / 2;
    peer.speech = new AudioBuffer({ length: n, sampleRate: 48000 });
    const samples = peer.speech.getChannelData(0);
    const octet = (i) => raw.charCodeAt(i);
    for (let i = 0; i < n; i++) samples[i] = ((octet(2 * i) | octet(2 * i + 1) << 8) << 16 >> 16) / 32768;
  };

  // useDevices has the microphone be the machine's, cleaned as the constraints say, and its loudspeaker play the far
  // end.
  peer.useDevices = async ({ constraints }) => {
    if (peer.live) peer.live.getTracks().forEach((track) => track.stop());
    peer.live = await navigator.mediaDevices.getUserMedia({ audio: constraints });
    peer.bare = true;
  };

  // hear plays the far end into an analyser and a recorder. Chromium delivers remote sound to WebAudio
  // only while an element plays the stream, too.
  async function hear(stream) {
    const el = new Audio();
    el.srcObject = stream;
    el.muted = !peer.bare;
    el.play();
    peer.element = el;
    if (peer.bare) { tell('track'); return; }
    peer.ctx = peer.ctx || new AudioContext({ sampleRate: 48000 });
    const src = peer.ctx.createMediaStreamSource(stream);
    peer.fine = peer.ctx.createAnalyser();
    peer.fine.fftSize = 8192;
    peer.fine.smoothingTimeConstant = 0;
    src.connect(peer.fine);
    const code = `registerProcessor('tap', class extends AudioWorkletProcessor {
      process(i) { if (i[0][0]) this.port.postMessage(i[0][0].slice(0)); return true; } });`;
    await peer.ctx.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    const tap = new AudioWorkletNode(peer.ctx, 'tap');
    peer.recording = [];
    tap.port.onmessage = (e) => { if (peer.recording.length < 48000 * 120 / 128) peer.recording.push(e.data); };
    src.connect(tap);
    tell('track');
  }

  // plain leaves the instruments out, for measuring what a page as such costs.
  peer.plain = () => { peer.bare = true; };

  peer.mute = ({ on }) => { peer.gain.gain.value = on ? 0 : 0.4; };

  // connected waits until the far end's sound is connected to the instruments.
  async function connected() {
    const until = performance.now() + 10000;
    while (!peer.recording && performance.now() < until) await pause(10);
    if (!peer.recording) throw new Error('no sound has come from the far end in 10 s');
  }

  // tone tells the strongest frequency heard over ms and its level in dB.
  peer.tone = async ({ ms }) => {
    await connected();
    const bins = new Float32Array(peer.fine.frequencyBinCount);
    let best = { hz: 0, db: -200 };
    const until = performance.now() + ms;
    while (performance.now() < until) {
      await pause(50);
      peer.fine.getFloatFrequencyData(bins);
      let at = 3;
      for (let i = 3; i < bins.length; i++) if (bins[i] > bins[at]) at = i;
      best = { hz: at * peer.ctx.sampleRate / peer.fine.fftSize, db: Math.max(-200, bins[at]) }; // silence is -Infinity
    }
    return best; // of the last window: what is heard now
  };

  // levels tells how loud some frequencies are heard now, in dB.
  peer.levels = async ({ hz }) => {
    await connected();
    await pause(200); // the analyser looks 170 ms back
    const bins = new Float32Array(peer.fine.frequencyBinCount);
    peer.fine.getFloatFrequencyData(bins);
    const at = (f) => Math.round(f * peer.fine.fftSize / peer.ctx.sampleRate);
    return hz.map((f) => Math.max(-200, ...bins.slice(at(f) - 2, at(f) + 3)));
  };

  // record returns what was heard as 16-bit PCM at 48 kHz in base64.
  peer.record = () => {
    const chunks = peer.recording || [];
    const pcm = new Int16Array(chunks.length * 128);
    chunks.forEach((c, n) => c.forEach((v, i) => { pcm[n * 128 + i] = Math.max(-32768, Math.min(32767, v * 32767)); }));
    const bytes = new Uint8Array(pcm.buffer);
    let s = '';
    for (let i = 0; i < bytes.length; i += 32768) s += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(s);
  };

  return { microphone, hear };
};
