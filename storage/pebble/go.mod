module github.com/payrules/payrules/storage/pebble

go 1.26.0

require (
	github.com/cockroachdb/pebble/v2 v2.1.7
	github.com/payrules/payrules v0.1.0
)

replace github.com/payrules/payrules => ../..
