module github.com/payrules/payrules/examples/quickstart

go 1.26.0

require (
	github.com/payrules/payrules v0.1.0
	github.com/payrules/payrules/storage/pebble v0.1.0
)

replace (
	github.com/payrules/payrules => ../..
	github.com/payrules/payrules/storage/pebble => ../../storage/pebble
)
