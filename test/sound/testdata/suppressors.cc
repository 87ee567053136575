// What other libraries make of noise: 16-bit samples, mono at 48 kHz, from the standard input to the standard output.
// The argument says whose: speexdsp or webrtc.
#include <speex/speex_preprocess.h>
#include <webrtc/modules/audio_processing/include/audio_processing.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>

namespace {

const int kRate = 48000, kFrame = kRate / 100;

bool Read(int16_t* frame) { return fread(frame, sizeof *frame, kFrame, stdin) == size_t(kFrame); }

void Write(const int16_t* frame) { fwrite(frame, sizeof *frame, kFrame, stdout); }

int Speex() {
  SpeexPreprocessState* state = speex_preprocess_state_init(kFrame, kRate);
  int on = 1, db = -20;
  speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_DENOISE, &on);
  speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, &db);
  for (int16_t frame[kFrame]; Read(frame); Write(frame)) speex_preprocess_run(state, frame);
  speex_preprocess_state_destroy(state);
  return 0;
}

int Webrtc() {
  std::unique_ptr<webrtc::AudioProcessing> apm(webrtc::AudioProcessing::Create());
  apm->noise_suppression()->set_level(webrtc::NoiseSuppression::kHigh);
  apm->noise_suppression()->Enable(true);
  const webrtc::StreamConfig config(kRate, 1);
  float in[kFrame], out[kFrame];
  const float* from[] = {in};
  float* to[] = {out};
  for (int16_t frame[kFrame]; Read(frame); Write(frame)) {
    for (int i = 0; i < kFrame; i++) in[i] = frame[i] / 32768.f;
    if (apm->ProcessStream(from, config, config, to) != 0) return 1;
    for (int i = 0; i < kFrame; i++)
      frame[i] = int16_t(std::lrint(std::max(-32768.f, std::min(32767.f, out[i] * 32768.f))));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && !strcmp(argv[1], "speexdsp")) return Speex();
  if (argc == 2 && !strcmp(argv[1], "webrtc")) return Webrtc();
  fprintf(stderr, "usage: suppressors speexdsp|webrtc\n");
  return 2;
}
