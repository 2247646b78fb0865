//go:build race

package pebble

// coarse makes exhaustive tests take larger steps: with the race detector, the database also checks itself at
// every turn, and is thirty times slower.
const coarse = true
