// Package slack has the program wake seldom: a program that imports it lets the kernel end its waits a little late, on
// Linux with cgo. Elsewhere it does nothing.
//
// A call is many short pieces of work, a few hundred a second, with waits between them, and waking costs more than the
// work. Go, which sees to it that a thread that is held up holds up nobody else, wakes for that again and again: after
// each piece of work its watchdog looks every 20 µs until all is at rest. And as it waits for its timers by whole
// milliseconds, most of them take two wakings, of which the first is early. Both need no more than one waking where the
// kernel is free to end a wait a little later.
package slack
