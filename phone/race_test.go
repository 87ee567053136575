//go:build race

package phone

// raceDetector tells that everything takes some ten times as long.
const raceDetector = true
