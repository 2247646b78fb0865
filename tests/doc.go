// Package tests holds the tests that look at several packages of payrules at once, or at
// the repository itself: the import arrows, the documentation, and histories of concurrent
// commands through the engine. It is a module of its own, so that what these tests need
// never shows up in a bank's module graph.
package tests
