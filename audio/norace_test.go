//go:build !race

package audio_test

// raceDetector tells that everything takes some ten times as long.
const raceDetector = false
