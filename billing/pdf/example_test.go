package pdf_test

import (
	"bytes"
	"fmt"

	"github.com/payrules/payrules/billing/invoicetext"
	"github.com/payrules/payrules/billing/pdf"
)

// An invoice on paper, in English.
func ExampleWrite() {
	var file bytes.Buffer
	if err := pdf.Write(&file, invoice(3), &invoicetext.Options{Language: invoicetext.English}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(file.String()[:8])
	// Output:
	// %PDF-1.3
}
