//go:build !race

package pebble

// coarse is false: exhaustive tests take their usual steps.
const coarse = false
