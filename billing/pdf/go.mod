module github.com/payrules/payrules/billing/pdf

go 1.26.0

require (
	codeberg.org/go-pdf/fpdf v0.12.0
	github.com/payrules/payrules v0.1.0
	golang.org/x/image v0.40.0
	golang.org/x/text v0.37.0
)

require github.com/shopspring/decimal v1.6.0 // indirect

replace github.com/payrules/payrules => ../..
