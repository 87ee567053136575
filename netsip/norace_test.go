//go:build !race

package netsip

// raceDetector tells that everything takes some ten times as long.
const raceDetector = false
