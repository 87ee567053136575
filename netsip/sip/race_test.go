//go:build race

package sip

// raceDetector tells that everything takes some ten times as long.
const raceDetector = true
