// Package rtc is netsip's Media with WebRTC (pion): ICE, DTLS-SRTP and RTP behind our own SDP layer.
package rtc
