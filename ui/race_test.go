//go:build race

package ui

// raceDetector tells that everything takes some ten times as long.
const raceDetector = true
