// Package pebble keeps a journal in a directory.
package pebble
