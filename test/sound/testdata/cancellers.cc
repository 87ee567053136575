// What other libraries make of an echo: 16-bit samples, mono at 16 kHz, 10 ms of the loudspeaker and 10 ms of the
// microphone in turn from the standard input, what they leave of the microphone to the standard output. The argument
// says whose: speexdsp or webrtc.
#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>
#include <webrtc/common.h>
#include <webrtc/modules/audio_processing/include/audio_processing.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>

namespace {

const int kRate = 16000, kFrame = kRate / 100;

bool Read(int16_t* far, int16_t* near) {
  return fread(far, sizeof *far, kFrame, stdin) == size_t(kFrame) &&
         fread(near, sizeof *near, kFrame, stdin) == size_t(kFrame);
}

// A filter of 250 ms and the suppressor of what it leaves.
int Speex() {
  SpeexEchoState* echo = speex_echo_state_init(kFrame, kRate / 4);
  SpeexPreprocessState* state = speex_preprocess_state_init(kFrame, kRate);
  int rate = kRate, off = 0;
  speex_echo_ctl(echo, SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
  speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_ECHO_STATE, echo);
  speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_DENOISE, &off);
  for (int16_t far[kFrame], near[kFrame], out[kFrame]; Read(far, near);) {
    speex_echo_cancellation(echo, near, far, out);
    speex_preprocess_run(state, out);
    fwrite(out, sizeof *out, kFrame, stdout);
  }
  speex_preprocess_state_destroy(state);
  speex_echo_state_destroy(echo);
  return 0;
}

// The delay is found by itself, with the longer filter.
int Webrtc() {
  webrtc::Config settings;
  settings.Set<webrtc::DelayAgnostic>(new webrtc::DelayAgnostic(true));
  settings.Set<webrtc::ExtendedFilter>(new webrtc::ExtendedFilter(true));
  std::unique_ptr<webrtc::AudioProcessing> apm(webrtc::AudioProcessing::Create(settings));
  apm->echo_cancellation()->set_suppression_level(webrtc::EchoCancellation::kHighSuppression);
  apm->echo_cancellation()->Enable(true);
  apm->high_pass_filter()->Enable(true);
  const webrtc::StreamConfig config(kRate, 1);
  float in[kFrame], out[kFrame];
  const float* from[] = {in};
  float* to[] = {out};
  for (int16_t far[kFrame], near[kFrame]; Read(far, near);) {
    for (int i = 0; i < kFrame; i++) in[i] = far[i] / 32768.f;
    if (apm->ProcessReverseStream(from, config, config, to) != 0) return 1;
    for (int i = 0; i < kFrame; i++) in[i] = near[i] / 32768.f;
    apm->set_stream_delay_ms(0);
    if (apm->ProcessStream(from, config, config, to) != 0) return 1;
    for (int i = 0; i < kFrame; i++)
      near[i] = int16_t(std::lrint(std::max(-32768.f, std::min(32767.f, out[i] * 32768.f))));
    fwrite(near, sizeof *near, kFrame, stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && !strcmp(argv[1], "speexdsp")) return Speex();
  if (argc == 2 && !strcmp(argv[1], "webrtc")) return Webrtc();
  fprintf(stderr, "usage: cancellers speexdsp|webrtc\n");
  return 2;
}
